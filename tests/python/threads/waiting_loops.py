"""A loop that waits for another thread's change sees it, also when it is compiled."""
import threading
import time


class State:
    pass


def change(action):
    def later():
        time.sleep(0.05)
        action()

    thread = threading.Thread(target=later)
    thread.start()
    return thread


flags = [False]
thread = change(lambda: flags.__setitem__(0, True))
while not flags[0]:
    pass
thread.join()

state = State()
state.waiting = True
thread = change(lambda: setattr(state, "waiting", False))
turns = 0
while state.waiting:
    turns += 1
thread.join()

running = True


def stop():
    global running
    running = False


def wait():
    thread = change(stop)
    while running:
        pass
    thread.join()


wait()
