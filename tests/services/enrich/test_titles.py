"""The title taxonomy, title by title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.domain.titles import function_of, seniority_of

TITLES = [
    ("VP Sales", "vp", "sales"),
    ("V.P. of Sales", "vp", "sales"),
    ("Vice President - Marketing", "vp", "marketing"),
    ("Head of Customer Support", "head", "support"),
    ("Chief Revenue Officer", "c_level", "sales"),
    ("CEO", "c_level", "general"),
    ("CTO & Co-Founder", "founder", "technical"),
    ("Managing Director", "c_level", "general"),
    ("Assistant to the CEO", "assistant", "general"),
    ("Executive Assistant", "assistant", None),
    ("Assistant Director of Operations", "director", "ops"),
    ("RevOps Manager", "manager", "ops"),
    ("Revenue Operations Lead", "lead", "ops"),
    ("Head of Sales Operations", "head", "ops"),
    ("CRM Administrator", "manager", "ops"),
    ("Product Owner", "manager", "technical"),
    ("Owner", "founder", "general"),
    ("Senior Account Executive", "specialist", "sales"),
    ("Software Engineer", "specialist", "technical"),
    ("Data Analyst", "specialist", "technical"),
    ("Team Lead Support", "lead", "support"),
    ("Customer Success Manager", "manager", "support"),
    ("Director of IT", "director", "technical"),
    ("CFO", "c_level", "finance"),
    ("Head of Procurement", "head", "procurement"),
    ("HR Manager", "manager", "hr"),
    ("General Counsel", None, "legal"),
    ("Marketing Intern", "intern", "marketing"),
    ("Geschäftsführer", "c_level", "general"),
    ("Geschäftsführerin", "c_level", "general"),
    ("Assistentin der Geschäftsführung", "assistant", "general"),
    ("Leiter Kundenservice", "head", "support"),
    ("Vertriebsleiterin", "head", "sales"),
    ("IT-Leiter", "head", "technical"),
    ("Teamleiter Kundendienst", "lead", "support"),
    ("Werkstudent Marketing", "intern", "marketing"),
    ("Sachbearbeiter Einkauf", "specialist", "procurement"),
    ("Inhaberin", "founder", "general"),
    ("Directrice marketing", "director", "marketing"),
    ("Directeur général", "c_level", "general"),
    ("Responsable du service client", "head", "support"),
    ("Responsable commercial", "head", "sales"),
    ("Chef de projet", "head", "ops"),
    ("PDG", "c_level", "general"),
    ("Stagiaire communication", "intern", "marketing"),
    ("Ingénieure logiciel", "specialist", "technical"),
    ("Jefe de soporte", "head", "support"),
    ("Directora de Atención al Cliente", "director", "support"),
    ("Director General", "c_level", "general"),
    ("Gerente de operaciones", "manager", "ops"),
    ("Fundadora", "founder", "general"),
    ("Desarrollador senior", "specialist", "technical"),
    ("Becaria", "intern", None),
]


@pytest.mark.parametrize(("title", "seniority", "function"), TITLES)
def test_known_titles(title: str, seniority: str | None, function: str | None) -> None:
    assert (seniority_of(title), function_of(title)) == (seniority, function)


@pytest.mark.parametrize("title", ["", "Wizard", "n/a", "asdf", "Ceolina", "Headphones", "???"])
def test_what_no_pattern_knows_stays_unknown(title: str) -> None:
    assert seniority_of(title) is None
    assert function_of(title) is None


@given(st.sampled_from([title for title, _, _ in TITLES]), st.sampled_from([str.upper, str.lower, str.title]))
def test_case_makes_no_difference(title: str, case: object) -> None:
    assert callable(case)
    assert seniority_of(case(title)) == seniority_of(title)
    assert function_of(case(title)) == function_of(title)
