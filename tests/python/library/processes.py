# Locks, queues, pools and shared memory of multiprocessing, in forked processes.
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import shared_memory

import _multiprocessing


def square(number):
    return number * number


def put(queue, lock, number):
    with lock:
        queue.put(number)


def main():
    context = multiprocessing.get_context("fork")
    with context.Pool(2) as pool:
        assert pool.map(square, range(6)) == [0, 1, 4, 9, 16, 25]
    queue, lock = context.Queue(), context.Lock()
    processes = [context.Process(target=put, args=(queue, lock, number)) for number in range(3)]
    for process in processes:
        process.start()
    assert sorted(queue.get() for _ in processes) == [0, 1, 2]
    for process in processes:
        process.join()
        assert process.exitcode == 0
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        assert list(executor.map(square, [1, 2, 3])) == [1, 4, 9]

    semaphore = context.Semaphore(2)
    assert semaphore.acquire() and semaphore.acquire() and not semaphore.acquire(timeout=0.01)
    semaphore.release()
    assert semaphore.get_value() == 1
    recursive = context.RLock()
    assert recursive.acquire() and recursive.acquire()
    recursive.release()
    recursive.release()
    try:
        recursive.release()
    except AssertionError as error:
        assert str(error) == "attempt to release recursive lock not owned by thread"

    try:
        memory = shared_memory.SharedMemory(create=True, size=10)
    except OSError:
        return
    memory.buf[0] = 5
    other = shared_memory.SharedMemory(memory.name)
    assert other.buf[0] == 5
    other.close()
    memory.close()
    memory.unlink()


try:
    _multiprocessing.SemLock(3, 1, 1, "/x", True)
except ValueError as error:
    assert str(error) == "unrecognized kind"
try:
    _multiprocessing.sem_unlink("/no such name")
except FileNotFoundError as error:
    assert error.errno == 2

if __name__ == "__main__":
    main()
