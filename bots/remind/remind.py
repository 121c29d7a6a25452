#!/usr/bin/env python3
"""!remind 10m tea: says "tea" in ten minutes. The protocol is docs/exec-protocol.md: JSON lines on stdin and stdout."""
import itertools, json, os, re, sys, threading, time

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
MOST_PENDING = 50

account = json.loads(sys.stdin.readline())["hello"]["account"]  # each account has a process of its own
path = os.path.join(os.environ["HOME"], account + ".json")
changed = threading.Condition()  # guards everything below
pending = {}  # number, as text: {"to": JID, "at": seconds, "text": …}
in_flight = set()  # handed over, not yet known to be sent


def load():
    if os.path.exists(path):
        with open(path) as file:
            pending.update(json.load(file))


def save():
    """Programs are ended without a warning: what must be kept is on disk before anybody is told so."""
    with open(path + ".new", "w") as file:
        json.dump(pending, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def say(**line):
    with changed:
        print(json.dumps(line), flush=True)


def mine(sender):
    return {number: reminder for number, reminder in pending.items() if reminder["to"] == sender}


def answer(sender, words):
    """The answer to "!remind …", and what follows from it."""
    with changed:
        if words[1:2] == ["forget"] and len(words) == 3:
            if pending[words[2]]["to"] != sender:
                raise KeyError
            del pending[words[2]]
            save()
            return "Forgotten."
        if len(words) == 1:
            lines = [f"{n}: {time.strftime('%F %R UTC', time.gmtime(r['at']))} {r['text']}" for n, r in mine(sender).items()]
            return "\n".join(lines) or "Nothing is pending."
        seconds = sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\d{1,6})([smhd])", words[1]))
        if not re.fullmatch(r"(\d{1,6}[smhd])+", words[1]) or not 0 < seconds <= 366 * UNITS["d"] or len(words) < 3:
            raise ValueError
        if len(mine(sender)) >= MOST_PENDING:
            return f"You have {MOST_PENDING} pending already."
        number = str(next(numbers))
        pending[number] = {"to": sender, "at": time.time() + seconds, "text": " ".join(words[2:])}
        save()
        changed.notify()
        return f"{number}: in {words[1]}."


def remind():
    """Sends what is due. Only "sent" makes us forget it; after "failed" it is tried again in a minute."""
    with changed:
        while True:
            waiting = {number: reminder for number, reminder in pending.items() if number not in in_flight}
            number, reminder = min(waiting.items(), key=lambda item: item[1]["at"], default=(None, None))
            if number is None or reminder["at"] > time.time():
                changed.wait(reminder and max(0, reminder["at"] - time.time()))
            else:
                in_flight.add(number)
                say(send="Reminder: " + reminder["text"], to=reminder["to"], ref=number)


load()
numbers = itertools.count(max(map(int, pending), default=0) + 1)
threading.Thread(target=remind, daemon=True).start()
for line in sys.stdin:
    message = json.loads(line)
    if event := message.get("event"):
        try:
            say(id=event["id"], reply=answer(event["sender"], event["element"]["text"].split()), done=True)
        except (KeyError, ValueError):
            say(id=event["id"], reply="Like this: !remind 1h30m tea, !remind, !remind forget 2", done=True)
    elif news := message.get("sent") or message.get("failed"):
        with changed:
            in_flight.discard(news["ref"])
            if "sent" in message:
                pending.pop(news["ref"], None)
                save()
            elif news["ref"] in pending:
                pending[news["ref"]]["at"] = time.time() + 60
            changed.notify()
