"""Stand-ins for the two services that the TV guide reads: Watchmode and TVmaze.

They answer with the paths, parameters, shapes, errors and headers of the real ones,
over data that is invented, British, and the same for the same date. What they leave
out is a 404, never a made-up answer.

    POST   /_faults    a list of rules that spoil answers: see `fault`
    POST   /_data      a list of edits to the data: see `edit`
    POST   /_settings  keys, quota, rate limit, paid plan: see `settings`
    GET    /_requests  what was asked so far; DELETE empties it: see `journal`

Faults, settings and requests belong to the origin that they are sent to; edits hold for both.

Reading order:

- `command`: the command line of the program that runs them alone.
- `service`: one origin, from a socket to an answer; `control`, `fault`, `journal`, `limit`, `settings`.
- `watchmode`, `listing`: the first service; `tvmaze`: the second.
- `data`: sources, genres, titles, shows, channels and the schedule; `edit` changes them.
"""

from upstreams.origins import Origins, start

__all__ = ["Origins", "start"]
