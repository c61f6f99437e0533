"""A job of three steps, any of which may fail."""


class Failed(Exception):
    pass


def user(job):
    if job % 5 == 4:
        raise Failed("no such user")
    return 10 * job


def order(user):
    if user % 70 == 60:
        raise Failed("nothing ordered")
    return user + 1


def price(order):
    return 3 * order


def in_words(answers):
    """What became of all jobs."""
    errors = [str(answer) for answer in answers if isinstance(answer, Failed)]
    to_pay = sum(answer for answer in answers
                 if not isinstance(answer, Failed))
    return (u"%d answers: %d to pay, %d \u00d7 no such user, "
            u"%d \u00d7 nothing ordered"
            % (len(answers), to_pay, errors.count("no such user"),
               errors.count("nothing ordered")))
