"""Writes the events that the transform is measured on: `events.py 100000 events.jsonl`.

100 event types with Zipf's law (exponent 1.1), 36 hours of arrivals, 2 % of them late; optional
fields, escaped quotes and letters beyond ASCII in the payload. The seed is fixed, and the order of
the calls decides the bytes: 1,000,000 events are 288,254,399 bytes with the SHA-256
0da2cfd8bcb3db4e1164826fc544ebbd4d1795872ca319420e099cf5787934fb (Python 3.11).
"""

import bisect
import random
import sys
import uuid

START, SPAN = 1_763_596_800, 36 * 3600  # 2025-11-20T00:00:00Z
NOUNS = (
    "lesson account course payment subscription review streak placement profile notification "
    "search media referral goal session cart coupon device classroom speech"
).split()
VERBS = "started finished created deleted updated".split()
PLATFORMS = "ios android web".split()
SOURCES = "push email organic deeplink home_feed".split()
LOCALES = "en_US de_DE es_ES fr_FR pt_BR it_IT pl_PL en_GB".split()
COUNTRIES = "US DE ES FR BR IT PL GB MX AT".split()
NOTES = ["", "retry after timeout", r"first \"attempt\" of day", "user tapped skip", "café dialogue", "offline sync"]


def main(count, path):
    order = list(range(100))
    random.Random(7).shuffle(order)
    types = [f"{NOUNS[index // 5]}:{VERBS[index % 5]}" for index in order]
    cumulated, total = [], 0
    for index in range(100):
        total += 1 / (index + 1) ** 1.1
        cumulated.append(total)
    r = random.Random(20251120)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for index in range(count):
            at = START + index * SPAN / count
            if r.random() < 0.02:
                at = max(START, at - r.expovariate(1 / 1200.0))
            event = types[bisect.bisect(cumulated, r.random() * total)]
            id = uuid.UUID(int=(r.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62)) | (4 << 76) | (2 << 62))
            user = int(r.paretovariate(0.6)) % 2_000_000
            rest = payload(r, event.endswith("finished"))
            file.write(
                f'{{"event_uuid":"{id}","event_name":"{event}","created_at":{int(at)},"user_id":{user},'
                f'"session_id":"{r.getrandbits(64):016x}","platform":"{r.choice(PLATFORMS)}",'
                f'"app_version":"7.{r.randrange(0, 40)}.{r.randrange(0, 4)}","locale":"{r.choice(LOCALES)}",'
                f'"country":"{r.choice(COUNTRIES)}","payload":{{{rest}}}}}\n'
            )


def payload(r, is_finished):
    members = [f'"item_id":{r.randrange(1, 5000)}']
    if is_finished:
        members.append(f'"score":{r.randrange(0, 1001) / 10}')
    if is_finished or r.random() < 0.3:
        members.append(f'"duration_ms":{r.randrange(500, 600000)}')
    members.append(f'"source":"{r.choice(SOURCES)}"')
    if r.random() < 0.25:
        members.append(f'"note":"{r.choice(NOTES)}"')
    return ",".join(members)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
