"""Which field of a record a column is: by its heading in several languages, else by what stands in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cli.tables.headings import spelled
from libs.identity.domains import host_of
from libs.identity.mail import normalised_email
from libs.identity.phones import normalised_phone

_HEADINGS = {
    "email": "email|e mail|mail|email address|e mail address|e mail adresse|emailadresse|mailadresse|courriel|adresse e mail|"
    "adresse mail|correo|correo electronico|e mailadres|posta elettronica|indirizzo email|adres e mail",
    "name": "name|full name|contact name|contact|vollstandiger name|vor und nachname|ansprechpartner|nom complet|"
    "nombre completo|nome completo|naam|volledige naam|imie i nazwisko|nombre y apellidos",
    "first_name": "first name|firstname|given name|forename|vorname|prenom|nombre|nome|voornaam|imie",
    "last_name": "last name|lastname|surname|family name|nachname|familienname|nom|nom de famille|apellido|apellidos|"
    "cognome|sobrenome|achternaam|nazwisko",
    "phone": "phone|phone number|telephone|tel|mobile|mobile phone|cell|work phone|telefon|telefonnummer|mobil|handy|"
    "telephone portable|numero de telephone|telefono|telefono movil|movil|celular|cellulare|telefone|telefoon|"
    "telefoonnummer|numer telefonu",
    "title": "title|job title|position|role|job|funktion|berufsbezeichnung|poste|fonction|intitule du poste|cargo|puesto|"
    "ruolo|qualifica|functie|stanowisko",
    "company": "company|company name|organisation|organization|organisation name|organization name|account|account name|"
    "employer|business|firma|firmenname|unternehmen|societe|entreprise|empresa|nombre de la empresa|azienda|"
    "ragione sociale|bedrijf|bedrijfsnaam|nazwa firmy|compania",
    "domain": "domain|company domain|domain name|company domain name|domane|domaine|dominio|domein",
    "website": "website|web site|web|url|homepage|webseite|site web|site internet|sitio web|pagina web|sito web|site",
    "country": "country|country region|land|pays|pais|paese|nazione|kraj",
    "city": "city|town|stadt|ort|ville|ciudad|citta|cidade|plaats|woonplaats|miasto",
    "language": "language|preferred language|sprache|langue|idioma|lingua|taal|jezyk",
    "industry": "industry|sector|branche|secteur|industrie|sektor|industria|settore|setor|bedrijfstak|branza",
    "employees": "employees|number of employees|headcount|company size|mitarbeiter|anzahl mitarbeiter|mitarbeiterzahl|"
    "effectif|nombre de salaries|empleados|numero de empleados|dipendenti|funcionarios|aantal medewerkers|pracownicy",
    "revenue_band": "revenue|annual revenue|revenue band|revenue range|turnover|umsatz|jahresumsatz|chiffre d affaires|"
    "facturacion|ingresos|fatturato|faturamento|omzet",
    "tech_stack": "technologies|tech stack|technology|tools|technologien|technologies utilisees|tecnologias|tecnologie",
    "description": "description|about|company description|beschreibung|descripcion|descrizione|descricao|omschrijving",
    "owner": "owner|contact owner|company owner|account owner|deal owner|record owner|zustandig|besitzer|betreuer|"
    "proprietaire|responsable|propietario|proprietario|eigenaar|opiekun",
    "custom_id": "id|record id|contact id|customer id|customer number|kundennummer|external id|crm id|hubspot id|"
    "salesforce id|numero client|numero de cliente|codice cliente|klantnummer",
    "lifecycle": "lifecycle|lifecycle stage|status|lead status|contact status|lebenszyklusphase",
    "do_not_mail": "do not mail|do not email|opt out|opted out|unsubscribed|email opt out|abgemeldet|desinscrit",
    "source": "source|lead source|original source|herkunft|quelle|origine|origen|origem|bron",
    "stage": "stage|deal stage|opportunity stage|pipeline stage|phase|etape|etapa|fase",
    "amount": "amount|deal amount|value|deal value|betrag|wert|summe|montant|importe|importo|valor|bedrag|kwota",
    "currency": "currency|wahrung|devise|moneda|valuta|moeda|waluta",
    "close_date": "close date|closing date|expected close date|abschlussdatum|date de cloture|fecha de cierre|"
    "data di chiusura|sluitingsdatum",
    "next_step": "next step|nachster schritt|prochaine etape|siguiente paso",
    "pools": "pools|pool|team|teams",
    "languages": "languages|sprachen|langues|idiomas|lingue",
    "note": "note|notes|comment|comments|notiz|notizen|bemerkung|remarque|nota|notas",
    "due_at": "due|due date|due at|fallig|falligkeit|echeance|vencimiento|scadenza",
    "subject": "subject|betreff|objet|asunto|oggetto|onderwerp|temat",
    "body": "body|text|message|nachricht|mensaje|messaggio|bericht",
    "kind": "kind|type|activity type|task type|art|typ|tipo",
    "at": "at|date|activity date|time|timestamp|datum|fecha|data",
    "contact": "contact email|contact e mail",
    "skills": "skills|skill|kenntnisse|competences|competencias|competenze",
    "roles": "roles|role|rollen|rolle|ruoli",
    "slack": "slack|slack id|slack user id|slack member id",
    "time_zone": "time zone|timezone|zeitzone|fuseau horaire|zona horaria|fuso orario",
    "weight": "weight|gewicht|gewichtung|poids|peso",
    "day": "day|date|holiday date|tag|datum|jour|fecha|data|giorno|dia",
    "closed": "closed|holiday|geschlossen|feiertag|ferme|cerrado|chiuso",
    "shifts": "shifts|hours|working hours|arbeitszeit|arbeitszeiten|horaires|horario|orario",
    "reason": "reason|why|grund|raison|motivo|motif",
    "until": "until|ends|end date|expires|expiry date|bis|gultig bis|jusqu'au|hasta|fino al",
    "active": "active|aktiv|actif|activo|attivo",
}  # fmt: skip
"""Field by its headings, as `plain` words. Collected by hand from what CRMs and mail tools export (English, German, French,
Spanish, Italian, Portuguese, Dutch, Polish)."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "contact": (
        "email", "name", "first_name", "last_name", "phone", "title", "company", "domain", "country", "city", "language",
        "owner", "custom_id", "lifecycle", "do_not_mail", "source", "note",
    ),
    "company": (
        "name", "domain", "website", "industry", "employees", "country", "city", "phone", "owner", "custom_id",
        "lifecycle", "source", "note",
    ),
    "directory": (
        "name", "domain", "website", "industry", "employees", "revenue_band", "country", "city", "tech_stack", "description",
    ),
    "opportunity": (
        "name", "stage", "amount", "currency", "close_date", "owner", "next_step", "company", "contact", "custom_id",
    ),
    "member": (
        "name", "email", "pools", "roles", "languages", "skills", "weight", "daily_cap", "weekly_cap", "open_leads_cap",
        "calendar", "time_zone", "slack", "on_hold", "active", "custom_id",
    ),
    "suppression": ("reason", "email", "domain", "record_id", "until", "note", "active"),
    "calendar": ("day", "calendar", "country", "closed", "shifts", "reason", "active"),
    "task": ("title", "kind", "due_at", "status", "owner", "note", "company", "contact"),
    "activity": ("kind", "at", "subject", "body", "owner", "company", "contact"),
}  # fmt: skip
"""The fields that columns of a type are taken for."""
_OWN_NAME = {
    "company": "company",
    "directory": "company",
    "opportunity": "deal|deal name|opportunity|opportunity name|geschaft",
}
"""What else heads the record's own name."""
_SURE_SHARE = 0.8
"""Share of the filled cells that must look like a field for its column to be taken for it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, the field that it fills (empty: none), and how that was found."""

    place: int
    heading: str
    field: str
    how: str


def guessed(record_type: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Column]:
    """What each column is taken for; a field is given away once, to the first column that says it best."""
    known = _known(record_type)
    taken: set[str] = set()
    found = []
    for place, heading in enumerate(headings):
        field = known.get(spelled(heading), "")
        how = "heading"
        if field in taken:
            field = ""
        taken.add(field)
        found.append(Column(place, heading, field, how if field else ""))
    return [_by_values(column, record_type, rows, taken) for column in found]


def _known(record_type: str) -> dict[str, str]:
    """Field by heading, for one type."""
    own = FIELDS.get(record_type, ())
    known = {name.replace("_", " "): name for name in own}
    for name in own:
        known |= dict.fromkeys(_HEADINGS.get(name, "").split("|"), name)
    if record_type in _OWN_NAME:
        also = _HEADINGS["company"] if record_type in ("company", "directory") else _OWN_NAME[record_type]
        known |= dict.fromkeys(also.split("|"), "name")
    known.pop("", None)
    return known


def _by_values(column: Column, record_type: str, rows: Sequence[Sequence[str]], taken: set[str]) -> Column:
    if column.field:
        return column
    cells = [row[column.place].strip() for row in rows if len(row) > column.place and row[column.place].strip()]
    for field, fits in (("email", normalised_email), ("phone", normalised_phone), ("domain", _host)):
        if field in taken or field not in FIELDS.get(record_type, ()) or not cells:
            continue
        if sum(1 for cell in cells if fits(cell)) >= _SURE_SHARE * len(cells):
            taken.add(field)
            return Column(column.place, column.heading, field, "values")
    return column


def _host(text: str) -> str:
    return host_of(text) if "." in text and " " not in text and "@" not in text else ""


def overridden(columns: Sequence[Column], mapping: Mapping[str, str]) -> list[Column]:
    """The columns as a person's `--map` has them; an empty field leaves a column out. Raises KeyError for a heading that
    there is not."""
    asked = {spelled(heading): field for heading, field in mapping.items()}
    unknown = [heading for heading in mapping if spelled(heading) not in {spelled(one.heading) for one in columns}]
    if unknown:
        raise KeyError(unknown[0])
    mine = set(asked.values()) - {""}
    found = []
    for column in columns:
        key = spelled(column.heading)
        field = asked.get(key, "" if column.field in mine else column.field)
        how = "--map" if key in asked else column.how
        found.append(Column(column.place, column.heading, field, how if field else ""))
    return found
