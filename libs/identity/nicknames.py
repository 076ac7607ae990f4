"""Given names that stand for one another: spellings of one name, and short forms."""

from collections.abc import Iterable
from functools import cache

from libs.identity.scripts import plain, without_umlauts

_SHORT_FORMS = {
    "robert": ("bob", "rob", "bobby", "robbie", "bert"), "william": ("bill", "will", "billy", "liam", "willy"),
    "richard": ("dick", "rick", "rich", "ricky"), "margaret": ("peggy", "maggie", "meg", "greta", "gretchen"),
    "elizabeth": ("liz", "beth", "betty", "lisa", "eliza", "lizzie", "libby"), "james": ("jim", "jimmy", "jamie"),
    "john": ("jack", "johnny"), "edward": ("ted", "ned", "ed", "eddie"),
    "katherine": ("kate", "kathy", "katie", "kat"), "michael": ("mike", "mick", "mickey", "misha"),
    "anthony": ("tony",), "andrew": ("drew", "andy"),
    "alexander": ("sasha", "sascha", "xander", "alex", "alec", "sandro"),
    "alexandra": ("sasha", "sandra", "alex", "lexi"), "joseph": ("joe", "joey", "sepp", "beppe"),
    "henry": ("harry", "hank"), "francisco": ("paco", "pancho", "kiko"), "jose": ("pepe",),
    "johannes": ("hannes", "hans", "jo"), "friedrich": ("fritz", "fred"), "nicholas": ("nick", "nico", "klaus"),
    "theodore": ("ted", "theo"), "charles": ("chuck", "charlie"), "patricia": ("pat", "trish", "patty"),
    "patrick": ("pat", "paddy"), "susan": ("sue", "susie"), "deborah": ("debbie", "deb"), "thomas": ("tom", "tommy"),
    "samuel": ("sam", "sammy"), "samantha": ("sam",), "daniel": ("dan", "danny"), "matthew": ("matt",),
    "christopher": ("chris", "kit"), "christine": ("chris", "tina"), "christina": ("chris", "tina"),
    "benjamin": ("ben", "benny"), "gregory": ("greg",), "jeffrey": ("jeff",), "kenneth": ("ken", "kenny"),
    "lawrence": ("larry", "lars"), "leonard": ("leo", "len"), "peter": ("pete",), "philip": ("phil",),
    "raymond": ("ray",), "ronald": ("ron", "ronnie"), "stephen": ("steve",), "timothy": ("tim",),
    "victoria": ("vicky", "tori"), "jennifer": ("jen", "jenny"), "jessica": ("jess",), "rebecca": ("becky", "becca"),
    "barbara": ("barb", "babs"), "dorothy": ("dot", "dolly"), "eleanor": ("ellie", "nell", "nora"),
    "abigail": ("abby", "gail"), "amanda": ("mandy",), "martha": ("marty",), "maria": ("mitzi", "mia"),
    "donald": ("don", "donny"), "david": ("dave", "davy"), "douglas": ("doug",), "eugene": ("gene",),
    "francis": ("frank", "fran"), "franz": ("franzl",), "frederick": ("fred", "freddy", "fritz"),
    "gerald": ("jerry",), "harold": ("hal", "harry"), "ludwig": ("lutz",), "heinrich": ("heinz", "heiner"),
    "joachim": ("jochen", "achim"), "ulrich": ("uli", "utz"), "wolfgang": ("wolf",), "sebastian": ("basti", "seb"),
    "maximilian": ("max",), "rudolf": ("rudi",), "gunther": ("gunni",), "ignacio": ("nacho",), "guadalupe": ("lupe",),
    "jesus": ("chuy",), "enrique": ("quique",), "giuseppe": ("beppe", "peppe", "pino"),
    "giovanni": ("gianni", "nanni"), "luigi": ("gigi",), "dmitri": ("dima", "mitya"), "vladimir": ("vova", "volodya"),
    "yevgeni": ("zhenya",), "ekaterina": ("katya",), "mikhail": ("misha",), "nikolai": ("kolya",),
    "sergei": ("seryozha",), "ann": ("anya", "annie"), "tatyana": ("tanya",), "natalya": ("natasha",),
    "krzysztof": ("krzysiek",), "jan": ("jasiek",), "malgorzata": ("gosia",), "katarzyna": ("kasia",),
    "joao": ("jota",), "antonio": ("toni", "toño"), "manuel": ("manolo",),
}  # fmt: skip
"""Short forms by the full name; own list. Prefixes of three letters and more ("alexander": "alex") need no entry to compare."""


def _folded(word: str) -> str:
    return without_umlauts(plain(word))


_SPELLINGS = (
    "mohammed muhammad mohamed mohammad muhammed mohamad muhamad mohamud mehmed", "ahmed ahmad achmed ahmet",
    "hussein husain hussain husayn hossein", "hassan hasan", "yusuf youssef yousef yusef yousuf", "khaled khalid",
    "abdullah abdallah abdulla", "omar umar", "othman osman uthman", "said saeed sayed", "fatima fatimah fatma",
    "dmitri dmitry dmitriy dmitrii dimitri dimitry", "sergei sergey serguei serge sergiy",
    "alexei alexey aleksei aleksey alexej", "aleksandr alexander aleksander alexandr oleksandr olexandr",
    "alexandra aleksandra oleksandra olexandra", "oksana oxana", "kseniya xenia ksenia kseniia xeniya",
    "yevgeni evgeny evgeniy yevgeny evgenii evgeni", "andrei andrey andrej andriy", "nikolai nikolay nikolaj",
    "yuri yuriy yury juri iurii yurii", "mikhail michail mihail mykhailo", "ekaterina yekaterina jekaterina",
    "tatyana tatiana tatjana", "natalya natalia nataliya natalja", "yelena elena jelena", "julia yulia iuliia yuliya",
    "maria mariya mariia marie", "anastasia anastasiya anastasiia", "vasily vasiliy vasili vasilii vasyl",
    "giorgos georgios yorgos yiorgos george", "yannis giannis ioannis yiannis",
    "catherine katherine kathryn katharine katharina cathryn", "stephen steven stefan stephan",
    "geoffrey jeffrey geoff", "philip phillip philipp", "sarah sara", "sean shaun shawn", "eric erik erich",
    "carl karl", "marc mark", "lucas lukas", "thomas tomas", "matthew mathew", "jon john", "ann anne anna",
    "teresa theresa therese", "rafael raphael", "joseph josef", "louis luis lewis", "nicholas nicolas nikolas",
    "frederick frederic", "lakshmi laxmi", "srinivas shrinivas", "park pak", "choi choe", "jung jeong",
)  # fmt: skip
"""One name in several spellings or romanisations; own list. The first of a line stands for all."""
_SPELLED = {_folded(word): _folded(line.split()[0]) for line in _SPELLINGS for word in line.split()}


NICKNAMES: dict[str, tuple[str, ...]] = {}
"""Short forms by the full name, in the spelling of `name_key`."""
for _full, _shorts in _SHORT_FORMS.items():
    _key = _SPELLED.get(_folded(_full), _folded(_full))
    _known = NICKNAMES.get(_key, ())
    NICKNAMES[_key] = tuple(dict.fromkeys((*_known, *(_SPELLED.get(_folded(one), _folded(one)) for one in _shorts))))


def one_spelling(word: str) -> str:
    """The spelling that stands for a word of a name ("muhammad": "mohammed"); the word itself when it has no other."""
    return _SPELLED.get(word, word)


def block_word(word: str) -> str:
    """One word for all short forms and spellings of a name: coarse, to find those who may be one person, not to compare."""
    return _roots().get(one_spelling(word), one_spelling(word))


@cache
def _roots() -> dict[str, str]:
    """The least word of each family of names that short forms hold together."""
    root: dict[str, str] = {}

    def find(word: str) -> str:
        while root.setdefault(word, word) != word:
            word = root[word]
        return word

    for full, shorts in NICKNAMES.items():
        _unite(root, find(full), (find(short) for short in shorts))
    return {word: find(word) for word in list(root)}


def _unite(root: dict[str, str], head: str, others: Iterable[str]) -> None:
    for other in others:
        root[other] = root[head] = min(head, other)
        head = root[head]
