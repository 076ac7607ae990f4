"""Cues: phrases of four languages that say how soon and how seriously. What is not said stays `unknown`."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cue:
    """A label that a phrase stands for, and where the phrase stands in the message."""

    label: str
    start: int
    end: int


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(phrases) + r")(?!\w)", re.IGNORECASE)


_WEEKDAY = (
    r"(?:mon|tues|wednes|thurs|fri)day|montag|dienstag|mittwoch|donnerstag|freitag|lundi|mardi|mercredi|jeudi|vendredi"
    r"|lunes|martes|mi[eé]rcoles|jueves|viernes"
)
_FEW = r"(?:\d|1\d|one|two|three|ten|ein(?:er)?|zwei|drei|zehn|un|deux|trois|dix|una?|dos|tres|diez)"
_MANY = r"(?:\d+|one|two|three|four|six|eight|zwei|drei|sechs|acht|deux|trois|six|huit|dos|tres|seis|ocho)"

URGENCY: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "low",
        _any(
            r"no (?:rush|hurry|deadline|urgency)",
            r"not (?:urgent|in a hurry)",
            r"whenever you (?:have|get)(?: the)? time",
            r"(?:maybe|perhaps|sometime)?,? ?next year",
            r"for next year",
            r"just (?:browsing|curious|reading up|exploring)",
            r"(?:exploring|looking at) options",
            r"only looking around",
            r"at an early stage",
            r"keep us on your list",
            r"kein(?:en)? (?:zeitdruck|eile)",
            r"nicht (?:dringend|eilig)",
            r"eilt nicht",
            r"(?:vor |vielleicht )?n[äa]chstes jahr",
            r"nur zur information",
            r"informieren uns nur",
            r"(?:vergleichen|überlegen) (?:zun[äa]chst )?nur",
            r"pas (?:press[ée]s?|urgent)",
            r"sans urgence",
            r"simple curiosit[ée]",
            r"l'an(?:n[ée]e)? prochaine?",
            r"rien avant",
            r"sin (?:prisa|urgencia)",
            r"no (?:es|hay) (?:urgente|prisa)",
            r"solo (?:curiosidad|estoy investigando)",
            r"pr[óo]ximo a[ñn]o",
            r"(?:por|de) ahora solo",
        ),
    ),
    (
        "high",
        _any(
            r"urgent(?:ly|e|emente)?",
            r"asap",
            r"as soon as possible",
            r"immediate(?:ly)?",
            r"right (?:now|away)",
            r"today",
            r"tonight",
            r"(?:this|by the end of (?:this|the)) week",
            rf"(?:in|within) (?:the next )?{_FEW} (?:days?|weeks?)",
            r"emergency",
            rf"(?:by|on|next|until|before|starts?|this) (?:{_WEEKDAY})",
            r"need (?:help|something|a reporting setup) (?:fast|now)",
            r"end of the month",
            r"since yesterday",
            r"sofort(?:ige)?",
            r"dringende?r?",
            r"schnellstm[öo]glich",
            r"(?:so )?schnell wie m[öo]glich",
            r"heute(?: noch)?",
            r"(?:noch )?diese(?:r)? woche",
            rf"(?:in|innerhalb von) {_FEW} (?:tagen|wochen?)",
            r"eilig(?:es)?",
            r"brauchen schnell",
            rf"(?:am|bis|seit|n[äa]chsten) (?:{_WEEKDAY})",
            r"urgente?",
            r"(?:au plus|tr[èe]s|trop) (?:vite|t[ôo]t)",
            r"imm[ée]diate(?:ment)?",
            r"tout de suite",
            r"aujourd'?hui",
            r"cette semaine",
            rf"dans (?:les )?{_FEW} (?:jours?|semaines?)",
            r"rapidement",
            r"r[ée]gler [çc]a vite",
            rf"(?:{_WEEKDAY}) prochain",
            rf"(?:depuis|est) (?:{_WEEKDAY})",
            r"lo antes posible",
            r"cuanto antes",
            r"inmediat(?:o|a|amente)",
            r"hoy(?: mismo)?",
            r"esta semana",
            rf"en (?:los pr[óo]ximos )?{_FEW} (?:d[íi]as?|semanas?)",
            rf"(?:es el|pr[óo]ximo) (?:{_WEEKDAY})",
            r"necesitamos [^.!?]{0,40}(?: ya|r[áa]pido)",
        ),
    ),
    (
        "medium",
        _any(
            r"(?:by|before|until) (?:the )?(?:end of (?:the )?(?:quarter|year)|spring|summer|autumn|fall|winter|holiday season)",
            r"(?:this|next|within the|in|before the) (?:quarter|month|holiday season)",
            r"in q[1-4]",
            r"(?:in|for) (?:about )?(?:a|one|two|three) months?",
            rf"in {_MANY} (?:weeks|months)",
            r"starts? in (?:january|february|march|april|may|june|july|august|september|october|november|december)",
            r"planned for next month",
            r"in the next weeks",
            r"by end of (?:quarter|month|year)",
            r"due in \w+ months?",
            r"by spring",
            r"(?:bis|vor)(?: zum)? (?:quartalsende|ende des quartals|jahresende|jahreswechsel|monatsende)",
            r"(?:bis|vor)(?: zum)? (?:fr[üu]hjahr|sommer|herbst)",
            r"n[äa]chste[ns]? (?:monat|quartal)",
            r"dieses quartal",
            rf"in {_MANY} (?:wochen|monaten)",
            r"(?:d'ici|avant)(?: la)? (?:la )?fin (?:du|de l'|de) ?(?:trimestre|mois(?: prochain)?|ann[ée]e)",
            r"(?:le mois|au trimestre|le trimestre) prochain",
            r"(?:pour )?ce trimestre",
            r"d'ici le printemps",
            rf"dans {_MANY} (?:semaines|mois)",
            r"prochain trimestre",
            r"(?:antes de|para|a) (?:el )?fin(?:al|es)? (?:de |del )?(?:trimestre|mes|a[ñn]o)",
            r"(?:el )?pr[óo]ximo (?:mes|trimestre)",
            r"este trimestre",
            r"para la primavera",
            rf"en {_MANY} (?:semanas|meses)",
        ),
    ),
)
"""In the order in which they are asked: "no rush" would else be read as a rush."""

INTENT: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "high",
        _any(
            r"(?:book|get|have|see|want|like|for|request)(?: \w+){0,4} demo(?:nstration)?",
            r"demo please",
            r"walk ?through",
            r"(?:send|get|want|need|like|for|please)(?: \w+){0,4} (?:a |your )?(?:quote|proposal|offer)",
            r"(?:please )?quote for",
            r"call (?:me|us)(?: back)?",
            r"(?:start|run|set up|have) a (?:free )?(?:trial|pilot|poc|test)",
            r"ready to (?:buy|sign|start)",
            r"next steps(?: to buy)?",
            r"send (?:\w+ ){0,2}pricing",
            r"who can i (?:talk|speak) to",
            r"can we (?:speak|talk|meet|try)",
            r"budget (?:is )?(?:approved|there)",
            r"let's talk",
            r"talk to sales",
            r"want to buy",
            r"(?:angebot|vorf[üu]hrung|demo|termin|beispielanruf)(?: \w+){0,4}",
            r"r[üu]ckruf",
            r"(?:zur[üu]ck|heute |bitte )(?:zu)?(?:rufen|anrufen)",
            r"anrufen",
            r"rufen sie (?:mich|uns)",
            r"devis",
            r"une? (?:offre|proposition)",
            r"d[ée]mo(?:nstration)?",
            r"rappele[rz][ -]?(?:moi|nous)?",
            r"nous rappeler",
            r"m'appeler",
            r"rendez-vous avec (?:un|vous)",
            r"(?:un )?presupuesto",
            r"cotizaci[óo]n",
            r"(?:una )?demo(?:straci[óo]n)?",
            r"ll[áa]men(?:me|nos)",
            r"llamarme",
            r"una propuesta",
            r"reuni[óo]n con",
        ),
    ),
)
"""Phrases by which somebody asks for a seller; how serious a message is without one is the model's to say."""


def urgency_cue(message: str) -> Cue | None:
    """What the message says about time, or None when it says nothing."""
    return _first(URGENCY, message)


def intent_cue(message: str) -> Cue | None:
    """A phrase that asks for a demo, a call, a quote or a trial, or None."""
    return _first(INTENT, message)


_COUNT = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:[.,' ]\d{3})+|\d{1,6})[ -]?"
    r"(?:person|people|employees?|staff|fte|mitarbeiter(?:innen|n)?|besch[äa]ftigte|salari[ée]s|collaborateurs|empleados|dipendenti|medewerkers)(?!\w)",
    re.IGNORECASE,
)


def employees_cue(message: str) -> tuple[int, int, int] | None:
    """How many people the message says the company has, with the phrase's place; None when it says nothing."""
    found = _COUNT.search(message)
    if found is None:
        return None
    return int(re.sub(r"\D", "", found.group(1))), found.start(), found.end()


def _first(table: tuple[tuple[str, re.Pattern[str]], ...], message: str) -> Cue | None:
    for label, pattern in table:
        found = pattern.search(message)
        if found is not None:
            return Cue(label, found.start(), found.end())
    return None
