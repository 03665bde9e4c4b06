# The class of an instance changes while compiled code relies on it.


class Cat:
    def speak(self):
        return 1


class Dog:
    def speak(self):
        return 2


def class_changed(n):
    pet = Cat()
    total = 0
    for i in range(n):
        total += pet.speak()
        if i % 500 == 499:
            pet.__class__ = Dog if type(pet) is Cat else Cat
    return total


assert class_changed(2000) == 500 + 1000 + 500 + 1000
