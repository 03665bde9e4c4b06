# Threads that enter and remove the same keys at the same time never make two entries of one key.
import _thread


def toggle(target, lock):
    for turn in range(1500):
        key = turn * 7 % 30
        if key in target:
            target.pop(key, None)
        else:
            target.setdefault(key, turn)
            target[key] = turn
    lock.release()


for round in range(12):
    shared = {}
    locks = [_thread.allocate_lock() for _ in range(3)]
    for lock in locks:
        lock.acquire()
        _thread.start_new_thread(toggle, (shared, lock))
    for lock in locks:
        lock.acquire()
    keys = list(shared)
    assert len(keys) == len(set(keys)) == len(shared), (keys, len(shared))
    for key in keys:
        del shared[key]
    assert shared == {} and list(shared) == []
