"""The simulation: one walk through the history, in which one world follows the record and the other the policy that is asked
about. Where nothing that a decision depends on differs between the two, the record stands."""

from collections.abc import Iterator
from dataclasses import replace
from heapq import heappop, heappush
from typing import NamedTuple

from libs.policy.policy import Policy
from services.router.domain.offers import NOBODY_TOOK_IT
from services.router.domain.plan import BY_PERSON
from services.router.domain.turns import free_in
from whatif.columns import Columns, first_of, taken_of, touches_of, usual_delay
from whatif.feeds import instant
from whatif.prepared import MOVED, PERSON, RULES, UNKNOWN, Prepared
from whatif.read import History, Say
from whatif.result import DIRECT, KNOCK_ON, RULE_ONLY, SAME, Simulated, explains
from whatif.team import is_there, team
from whatif.turning import Asked, Turning
from whatif.ways import Force, Way
from whatif.world import Outcome, Stand, World

_ROUTED, _TOUCHED = 0, 1
BY_HAND = "reassigned_by_person"
SHOW_EVERY = 50_000


def simulated(
    history: History,
    prepared: Prepared,
    since: int | None = None,
    until: int | None = None,
    say: Say = lambda _: None,
) -> Simulated:
    """Both courses from `since` to `until` (microseconds; None: all). Before, the record is followed as it is."""
    return _Walk(history, prepared, since, until, say).walked()


class _Then(NamedTuple):
    """What a routing met: the record's word, who looks after the account here, and whom an earlier version got."""

    recorded: Outcome
    owner: str | None
    kept_then: str | None
    kept: str | None
    before: Stand | None
    """How the lead stood in the record's world."""


class _Walk:
    def __init__(self, history: History, prepared: Prepared, since: int | None, until: int | None, say: Say) -> None:
        self._say = say
        self._table, self._prepared = prepared.table, prepared
        self._columns = Columns(prepared.table)
        at = prepared.table.numbers["at"]
        self._times: list[int] = at.tolist()
        self._since = since if since is not None else int(at[0]) if len(at) else 0
        self._until = until if until is not None else (int(at[-1]) + 1 if len(at) else 0)
        self._same_force = prepared.now is prepared.was
        self._was_ways, self._now_ways = prepared.was.all(), prepared.now.all()
        self._kinds: list[int] = prepared.kind.tolist()
        self.was = World()
        self.now = self.was
        self.turning = Turning(prepared.table, team(history.records), self.was)
        self.result = Simulated(prepared, [], {}, {}, {}, self.was, self.was, self.turning, self._since, self._until)
        self._touches = touches_of(history, self._columns.leads)
        self._first_touch = first_of(self._touches)
        self._taken = taken_of(history, self._columns.leads)
        self._made: dict[tuple[int, str | None], Outcome] = {}
        """By the way, which lives as long as what was prepared, and the owner."""
        self._later: list[tuple[int, int]] = []
        self._usual = usual_delay(self._columns, self._times, self._first_touch)

    def walked(self) -> Simulated:
        begun = False
        for at, what, number in self._steps():
            if not begun and at >= self._since:
                begun = True
                self.was.begin()
                self.now = self.was.copy()
                self.turning.world = self.now
            if begun and at >= self._until:
                break
            while self._later and self._later[0][0] <= at:
                self._touch(self.now, *reversed(heappop(self._later)))
            self.turning.team.forward(at)
            if what == _TOUCHED:
                for world in (self.was, self.now) if begun else (self.was,):
                    self._touch(world, number, at)
                self._compare_loads(number)
            else:
                self._route(number, at, begun)
        if not begun:
            self.now = self.was.copy()
        return self._finished()

    def _finished(self) -> Simulated:
        self.was.close()
        self.now.close()
        result = self.result
        result.was, result.now = self.was, self.now
        result.undecided = sum(
            1
            for lead, held in self.now.stands.items()
            if held.since >= self._since and not held.outcome.settled and held.outcome.asks and self._was_settled(lead)
        )
        return result

    def _was_settled(self, lead: int) -> bool:
        held = self.was.stands.get(lead)
        return held is not None and held.outcome.settled

    def _steps(self) -> Iterator[tuple[int, int, int]]:
        """Routings and touches in the order of time."""
        touches, place = self._touches, 0
        for row, at in enumerate(self._times):
            if row and row % SHOW_EVERY == 0:
                self._say(f"{row:,} of {len(self._times):,} routings are decided again")
            while place < len(touches) and touches[place][0] < at:
                yield touches[place][0], _TOUCHED, touches[place][1]
                place += 1
            yield at, _ROUTED, row
        for at, lead in touches[place:]:
            yield at, _TOUCHED, lead

    def _touch(self, world: World, lead: int, at: int) -> None:
        freed = world.touched(lead, at)
        if freed is not None and world is self.now:
            self._compare(freed)

    def _compare_loads(self, lead: int) -> None:
        held = self.was.stands.get(lead)
        if held is not None and held.outcome.owner is not None:
            self._compare(held.outcome.owner)

    def _compare(self, member: str | None) -> None:
        """Note whether a member's load is the same in both worlds."""
        if member is None or self.was is self.now:
            return
        if self.was.loads.get(member) == self.now.loads.get(member):
            self.turning.apart.discard(member)
        else:
            self.turning.apart.add(member)

    def _route(self, row: int, at: int, begun: bool) -> None:
        lead, columns = self._columns.lead[row], self._columns
        before, kind = self.was.stands.get(lead), self._kinds[row]
        recorded = columns.outcome(row, self._was_ways[row], by_rules=kind == RULES)
        settled = before is not None and before.outcome.settled
        if kind == RULES and before is not None and settled and columns.versions[row] == columns.versions[before.row]:
            return  # answers to proposals of a lead that went on: its route stays
        if kind == MOVED and before is not None and settled and recorded.owner == before.outcome.owner:
            return  # an offer was taken: it stays where it is
        then = _Then(recorded, self._owner(row), _kept(self.was, lead), _kept(self.now, lead), before)
        moved = self._follow(row, lead, at, then)
        if begun:
            for one in {*moved, *self._decide(row, lead, at, then)}:
                self._compare(one)

    def _follow(self, row: int, lead: int, at: int, then: _Then) -> set[str]:
        """The recorded world after a recorded routing."""
        pool, picked, recorded = self._columns.turn_pools[row], self._columns.picked[row], then.recorded
        taken = self._took_turn(row, then)
        force = self._prepared.was.force(row)
        if taken and force is not None and pool in force.policy.pools:
            if self._kinds[row] == MOVED:
                self.was.release(lead)
                self.was.stands[lead] = self.was.stands[lead]._replace(pool=None)
            if self.now is self.was:
                self.turning.take(Asked(row, at, str(pool), force.policy, force.policy))
            else:
                asked = Asked(row, at, str(pool), force.policy, None)
                self.was.take(str(picked), self.turning.today(str(picked), str(pool), asked))
                self.turning.recorded(self.was, row)
        freed = self.was.put(lead, recorded, at, row, pool if taken else None)
        self._give(self.was, row, then.before, recorded, self._columns.owners[row])
        return {one for one in (freed, picked, then.before.outcome.owner if then.before else None) if one is not None}

    def _took_turn(self, row: int, then: _Then) -> bool:
        """Whether the recorded turn is this routing's own: a later move carries that of an earlier one."""
        recorded, picked = then.recorded, self._columns.picked[row]
        if picked is None or not recorded.settled or picked != recorded.owner or self._columns.turn_pools[row] is None:
            return False
        offer = self._columns.offers[row]
        return self._kinds[row] != MOVED or (then.before is not None and offer > self._columns.offers[then.before.row])

    def _give(self, world: World, row: int, before: Stand | None, outcome: Outcome, owner: str | None) -> None:
        """Contact and company get their first owner, where nobody owned them. Whose offer ended, loses them again."""
        records = (self._columns.contacts[row], self._columns.companies[row])
        if self._kinds[row] == MOVED:
            self._give_again(world, row, records, before, outcome)
            return
        by_turn = outcome.destination in ("queue", "nurture") or (
            outcome.destination == "owner" and outcome.rule == BY_PERSON
        )
        if outcome.owner is None or not outcome.settled or not by_turn:
            return
        if owner is None:
            world.give(records, outcome.owner)
        elif outcome.rule == BY_PERSON:  # the account has an owner: its company keeps them
            world.give(records[:1], outcome.owner)

    def _give_again(
        self, world: World, row: int, records: tuple[str | None, str | None], before: Stand | None, outcome: Outcome
    ) -> None:
        """What follows when a lead moves on: an offer takes both along; a person gives the contact away, and what was only
        offered leaves nothing behind."""
        if before is None:
            return
        if outcome.rule != BY_HAND:
            world.give_again(records, before.outcome.owner, outcome.owner)
            return
        world.give_again(records[:1], before.outcome.owner, outcome.owner)
        lead, at = self._columns.lead[row], self._times[row]
        taken = before.met or self._taken.get(lead, at) < at
        if self._columns.offers[before.row] and not taken:
            world.give_again(records[1:], before.outcome.owner, None)

    def _owner(self, row: int) -> str | None:
        """Who looks after the account in the simulated world: who was given it by turn there, else whoever it was."""
        recorded, was, now = self._columns.owners[row], self.was.given, self.now.given
        contact, company = self._columns.contacts[row], self._columns.companies[row]
        then = (was.get(contact or ""), was.get(company or ""))
        here = (now.get(contact or ""), now.get(company or ""))
        if then == here or (recorded is not None and recorded not in then) or (recorded is None and any(then)):
            return recorded
        return here[0] or here[1]

    def _decide(self, row: int, lead: int, at: int, then: _Then) -> set[str]:
        """The simulated world after the same moment. Returns the members whose load may have moved."""
        held, recorded, owner = self.now.stands.get(lead), then.recorded, then.owner
        kind = self._kinds[row]
        if kind == RULES:
            outcome, turn = self._by_policy(row, at, then)
            self._note(row, recorded, outcome)
        elif kind == PERSON:
            if held is not None and held.outcome.settled and self._same_version(row, held.row):
                self.result.spared += 1
                self._unturned(row)
                return set()
            self.result.decided_anyway += 1
            outcome, turn = self._by_person(row, at, recorded, owner)
        else:
            if held is None or not held.outcome.settled:
                return set()
            outcome, turn = self._moved(row, at, held, then)
        freed = self.now.put(lead, outcome, at, row, turn)
        self._give(self.now, row, held, outcome, owner)
        if turn is not None and kind != MOVED:
            self._assume_touch(lead, at, recorded)
        touched = (freed, outcome.owner if turn is not None else None, held.outcome.owner if held else None)
        return {one for one in touched if one is not None}

    def _moved(self, row: int, at: int, held: Stand, then: _Then) -> tuple[Outcome, str | None]:
        """A later move of a lead that somebody has here too. A person's word stays theirs; an offer that ended there ends
        here, whoever has it, and goes to the next of its pool."""
        force, recorded, before = self._prepared.now.force(row), then.recorded, then.before
        offered_again = self._took_turn(row, then)
        if not (offered_again or recorded.rule == NOBODY_TOOK_IT) or held.pool is None or force is None:
            return recorded, None
        if held.pool not in force.policy.pools or before is None:
            return recorded, None
        same = (held.offered, held.pool) == (before.offered, before.pool) and self.turning.as_it_was(row)
        if not offered_again and (same or len(held.offered) >= force.policy.sla.max_offers):
            return recorded, None
        self.now.release(self._columns.lead[row])
        self.now.stands[self._columns.lead[row]] = held._replace(pool=None)
        was = self._prepared.was.force(row)
        asked = Asked(row, at, held.pool, force.policy, was.policy if was and same else None, frozenset(held.offered))
        turned = self.turning.take(asked)
        if turned.member is None:
            return Outcome("review", turned.when_empty, None, NOBODY_TOOK_IT, False, True), None
        return replace(held.outcome, owner=turned.member), turned.pool

    def _same_version(self, row: int, other: int) -> bool:
        return self._columns.versions[row] == self._columns.versions[other]

    def _by_policy(self, row: int, at: int, then: _Then) -> tuple[Outcome, str | None]:
        """Where the policy sends it. While nothing that the decision depends on differs, it is as the record says."""
        was, now, force = self._was_ways[row], self._now_ways[row], self._prepared.now.force(row)
        if was is None or now is None or force is None:
            self.result.no_policy += 1
        if now is None or force is None:
            return self._as_recorded(row, at, then.recorded)
        if then.owner != self._columns.owners[row] or (self.turning.apart and self._asks_for_room(row)):
            now = self._other_way(row, at, then.owner)
        same = now == was and then.owner == self._columns.owners[row] and then.kept_then == then.kept
        if same and (self._columns.turn_pools[row] is None or now.pool is None or not now.settled):
            return self._as_recorded(row, at, then.recorded)
        wanted = then.owner if now.destination == "owner" else None
        sends = now.settled and now.destination != "suppressed"
        stays = sends and then.kept is not None and then.kept != wanted
        if not stays and now.settled and now.pool is not None:
            return self._turn(row, at, now, force)
        self._unturned(row)
        return self._outcome(now, then.kept if stays else wanted), None

    def _outcome(self, way: Way, owner: str | None) -> Outcome:
        key = (id(way), owner)
        held = self._made.get(key)
        if held is None:
            held = Outcome(way.destination, way.queue, owner, way.rule, way.settled, way.asks, way.sla_minutes)
            self._made[key] = held
        return held

    def _turn(self, row: int, at: int, way: Way, force: Force) -> tuple[Outcome, str | None]:
        was = self._prepared.was.force(row)
        assert way.pool is not None
        turned = self.turning.take(Asked(row, at, way.pool, force.policy, was.policy if was else None))
        if self._columns.turn_pools[row] not in (None, turned.pool):
            self._unturned(row)
        if turned.member is None:
            return Outcome("review", turned.when_empty, None, way.rule, False, True, way.sla_minutes), None
        return self._outcome(way, turned.member), turned.pool

    def _as_recorded(self, row: int, at: int, recorded: Outcome) -> tuple[Outcome, str | None]:
        """The record's own word, and its turn, if it was one."""
        pool, picked = self._columns.turn_pools[row], self._columns.picked[row]
        if pool is None or picked is None or picked != recorded.owner:
            return recorded, None
        self.turning.parted.add(pool)
        self.now.take(picked, instant(at).date().isoformat())
        self.turning.recorded(self.now, row)
        return recorded, pool

    def _unturned(self, row: int) -> None:
        """A recorded turn is not taken here: from now on the pool's turns are others."""
        if self._columns.picked[row] is not None:
            self.turning.parted.add(str(self._columns.turn_pools[row]))

    def _other_way(self, row: int, at: int, owner: str | None) -> Way:
        evaluated = self._prepared.now
        part, place = int(evaluated.part[row]), int(evaluated.place[row])
        assert part != UNKNOWN
        ways, known = evaluated.parts[part], self.turning.team.known
        room = None
        if ways.asks_for_room:
            known.loads = self.now.loads
            room = {name: free_in(name, ways.force.policy, known, instant(at)) for name in ways.force.policy.pools}
        gone = owner is not None and not is_there(known.members.get(owner))
        return ways.instead(place, owner, gone, room)

    def _asks_for_room(self, row: int) -> bool:
        part = int(self._prepared.now.part[row])
        return part != UNKNOWN and self._prepared.now.parts[part].asks_for_room

    def _by_person(self, row: int, at: int, recorded: Outcome, owner: str | None) -> tuple[Outcome, str | None]:
        """What a person chose. Where they chose a pool, it is that pool's turn in this world."""
        force, pool = self._prepared.now.force(row) or self._prepared.was.force(row), self._columns.turn_pools[row]
        if pool is not None and force is not None and pool in force.policy.pools:
            was = self._prepared.was.force(row)
            turned = self.turning.take(Asked(row, at, pool, force.policy, was.policy if was else None))
            if turned.member is None:
                return replace(recorded, destination="review", queue=turned.when_empty, owner=None, settled=False), None
            sent = recorded if recorded.settled else _sent(recorded, turned.pool, force.policy)
            return replace(sent, owner=turned.member), turned.pool
        if recorded.owner is not None and recorded.owner == self._columns.owners[row]:
            return replace(recorded, owner=owner), None
        return recorded, None

    def _note(self, row: int, recorded: Outcome, outcome: Outcome) -> None:
        """How the routing compares with what it was."""
        was, now = self._was_ways[row], self._now_ways[row]
        result = self.result
        result.rows.append(row)
        result.before[row], result.after[row] = recorded, outcome
        if was is not None and not explains(was, recorded):
            result.unexplained += 1
        if recorded.place == outcome.place:
            result.change[row] = SAME if recorded.rule == outcome.rule else RULE_ONLY
        elif was is None or now is None or was.goes != now.goes:
            result.change[row] = DIRECT
        else:
            result.change[row] = KNOCK_ON

    def _assume_touch(self, lead: int, at: int, recorded: Outcome) -> None:
        """Nobody had the lead then, so nobody touched it: it is touched after the usual time."""
        touch = self._first_touch.get(lead)
        if touch is None and not recorded.settled and self._usual is not None:
            self.result.assumed += 1
            heappush(self._later, (at + self._usual, lead))


def _kept(world: World, lead: int) -> str | None:
    """Whom an earlier version of the lead got."""
    held = world.stands.get(lead)
    return held.outcome.owner if held is not None and held.outcome.settled else None


def _sent(recorded: Outcome, pool: str, policy: Policy) -> Outcome:
    """Sent to a pool's queue, where then nobody of it could take the lead."""
    queue = next((name for name, held in policy.routing.queues.items() if held.pool == pool), recorded.queue)
    return replace(recorded, destination="queue", queue=queue, settled=True)
