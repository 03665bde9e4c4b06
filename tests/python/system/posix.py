# The native half of os.
import errno
import posix
import resource


def error_of(function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except Exception as error:
        return type(error).__name__, error.args


root = "/tmp/typhon-posix-%d" % posix.getpid()
posix.mkdir(root)
descriptor = posix.open(root + "/file", posix.O_RDWR | posix.O_CREAT, 0o600)
assert posix.write(descriptor, b"hello") == 5
assert posix.lseek(descriptor, 1, 0) == 1 and posix.read(descriptor, 10) == b"ello" and posix.pread(descriptor, 2, 3) == b"lo"
buffer = bytearray(3)
posix.lseek(descriptor, 0, 0)
assert posix.readinto(descriptor, buffer) == 3 and buffer == b"hel"
status = posix.fstat(descriptor)
posix.close(descriptor)
assert status.st_size == 5 and status[6] == 5 and len(status) == 10 and status.st_mode == 0o100600
assert status == posix.stat(root + "/file") == posix.lstat(root.encode() + b"/file")
assert posix.stat_result(range(10)).st_atime == 7
assert repr(posix.stat_result(range(10))) == (
    "os.stat_result(st_mode=0, st_ino=1, st_dev=2, st_nlink=3, st_uid=4, st_gid=5, st_size=6, "
    "st_atime=7, st_mtime=8, st_ctime=9)"
)
posix.symlink("file", root + "/link")
assert posix.readlink(root + "/link") == "file"
posix.link(root + "/file", root + "/hard")
assert sorted(posix.listdir(root)) == ["file", "hard", "link"]
assert sorted(posix.listdir(root.encode())) == [b"file", b"hard", b"link"]
with posix.scandir(root) as entries:
    kinds = {e.name: (e.is_file(), e.is_symlink(), e.is_dir(), e.path) for e in entries}
assert kinds["link"] == (True, True, False, root + "/link") and kinds["file"] == (True, False, False, root + "/file")
posix.utime(root + "/file", (1, 2.5))
assert posix.stat(root + "/file").st_mtime_ns == 2500000000
posix.utime(root + "/file", ns=(5, 7))
assert posix.stat(root + "/file").st_atime_ns == 5
posix.chmod(root + "/file", 0o644)
assert posix.access(root + "/file", posix.R_OK) and not posix.access(root + "/none", posix.F_OK)
posix.truncate(root + "/file", 2)
posix.rename(root + "/file", root + "/renamed")
odd = root.encode() + b"/\xff"
posix.close(posix.open(odd, posix.O_CREAT))
assert "\udcff" in posix.listdir(root)
posix.unlink(root + "/\udcff")
directory = posix.open(root, posix.O_RDONLY)
assert posix.stat("hard", dir_fd=directory).st_size == 2 and sorted(posix.listdir(directory)) == ["hard", "link", "renamed"]
for name in ["hard", "link", "renamed"]:
    posix.unlink(name, dir_fd=directory)
posix.close(directory)
assert error_of(posix.rmdir, root + "/none") == ("FileNotFoundError", (2, "No such file or directory"))
try:
    posix.rename(root + "/a", root + "/b")
except OSError as error:
    assert (error.filename, error.filename2, error.errno) == (root + "/a", root + "/b", errno.ENOENT)
assert error_of(posix.stat, 1.5)[1] == ("stat: path should be string, bytes, os.PathLike or integer, not float",)
assert error_of(posix.mkdir, "a\0b") == ("ValueError", ("mkdir: embedded null character in path",))
assert error_of(posix.close, 12345) == ("OSError", (9, "Bad file descriptor"))
assert error_of(posix.execv, "/x", []) == ("ValueError", ("execv() arg 2 must not be empty",))
posix.rmdir(root)

process = posix.fork()
if process == 0:
    posix._exit(3)
assert posix.waitstatus_to_exitcode(posix.waitpid(process, 0)[1]) == 3
r, w = posix.pipe()
process = posix.posix_spawn(
    "/bin/sh", ["sh", "-c", "echo $WORD; exit 4"], {"WORD": "spawned"}, file_actions=[(posix.POSIX_SPAWN_DUP2, w, 1)]
)
posix.close(w)
assert posix.read(r, 100) == b"spawned\n" and posix.waitstatus_to_exitcode(posix.waitpid(process, 0)[1]) == 4
posix.close(r)

for path, normal, parts in [
    ("/a/b/../c", "/a/c", ("", "/", "a/b/../c")),
    ("//x", "//x", ("", "//", "x")),
    ("///x", "/x", ("", "/", "//x")),
    ("", ".", ("", "", "")),
    ("a/..", ".", ("", "", "a/..")),
    (b"../a//b", b"../a/b", (b"", b"", b"../a//b")),
]:
    assert posix._path_normpath(path) == normal and posix._path_splitroot_ex(path) == parts


class Path:
    def __fspath__(self):
        return "/"


assert posix.fspath(Path()) == "/" and posix.stat(Path()).st_mode == posix.stat("/").st_mode
assert posix.uname().sysname == "Linux" and posix.sysconf("SC_PAGESIZE") == resource.getpagesize()
assert len(posix.urandom(5)) == 5 and posix.strerror(2) == "No such file or directory"
assert errno.errorcode[errno.EAGAIN] == "EAGAIN" and len(resource.getrusage(resource.RUSAGE_SELF)) == 16
assert repr(posix.sched_param(3)) == "posix.sched_param(sched_priority=3)"
