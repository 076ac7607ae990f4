"""What senders call the fields of a lead: exact names first, then words inside a question, in several languages."""

import re
import unicodedata
from functools import lru_cache

from libs.identity.words import word_set

_NAMES: dict[str, str] = {
    "email": "workemail businessemail companyemail corporateemail email emailaddress mail mailaddress emailid useremail"
    " visitoremail fromemail replyto emailadresse epost correo correoelectronico courriel adresseemail adressemail"
    " indirizzoemail posta emailaddresswork hsemail",
    "first_name": "firstname fname givenname forename vorname prenom nombre primernombre voornaam namefirst fullnamefirst",
    "last_name": "lastname lname surname familyname nachname nomdefamille apellido apellidos achternaam cognome"
    " namelast fullnamelast",
    "name": "name fullname displayname contactname personname nameandsurname namefull vollstandigername nomcomplet"
    " nombrecompleto leadname visitorname",
    "phone": "phone phonenumber workphone mobile mobilephone mobilenumber cell cellphone tel telephone telephonenumber"
    " whatsapp telefon telefonnummer handy telefono numerodetelefono numerodetelephone phonefull businessphone"
    " directphone phoneno",
    "title": "jobtitle title position jobrole jobposition yourrole role occupation berufsbezeichnung poste cargo funktion",
    "seniority": "seniority senioritylevel joblevel",
    "company": "company companyname organization organisation organizationname organisationname org business"
    " businessname account accountname employer firm firma unternehmen entreprise societe empresa azienda bedrijf"
    " bedrijfsnaam workplace",
    "domain": "companydomain domain emaildomain organizationdomain",
    "website": "website companywebsite websiteurl companyurl web homepage siteweb sitioweb webseite yourwebsite",
    "industry": "industry sector branche secteur industria vertical",
    "employees": "employees employeecount numberofemployees numemployees noofemployees companysize teamsize headcount"
    " companyemployees mitarbeiter mitarbeiterzahl effectif tailleentreprise",
    "revenue_band": "annualrevenue revenue revenueband companyrevenue umsatz",
    "country": "country countrycode countryregion land pays pais paese addresscountry locationcountry",
    "city": "city town stadt ville ciudad citta addresscity locationcity",
    "message": "message comments comment question questions inquiry enquiry howcanwehelp details description notes note"
    " body content nachricht mitteilung messagetext request anfrage mensaje messaggio bericht projectdetails bemerkung"
    " commentaire commentaires comentarios yourquestion bodyplain text usecase moreinformation additionalinformation",
    "product": "product productinterest interestedin productofinterest interest solution plan produkt produit producto",
    "timeline": "timeline buyingtimeline timeframe purchasetimeline implementationtimeline whendoyouwanttostart startdate"
    " zeitrahmen",
    "budget": "budget budgetrange projectbudget estimatedbudget",
    "seats": "seats numberofseats users numberofusers licenses",
    "language": "language locale preferredlanguage sprache langue idioma",
    "campaign": "campaign campaignname campaignid",
    "page": "page pageurl landingpage landingpageurl sourceurl url formurl pageuri currenturl landingurl",
    "referrer": "referrer referer referrerurl httpreferer",
    "utm_source": "utmsource",
    "utm_medium": "utmmedium",
    "utm_campaign": "utmcampaign",
    "utm_term": "utmterm utmkeyword",
    "utm_content": "utmcontent",
    "channel": "channel leadsource",
    "custom_id": "customid externalid crmid userid customerid contactid",
    "consent": "consent gdprconsent gdpr marketingconsent optin newsletter newsletteroptin acceptterms privacyconsent"
    " subscribe marketingoptin emailoptin einwilligung consentement emailconsent",
    "do_not_mail": "unsubscribe unsubscribed optout optedout emailoptout hasoptedoutofemail donotmail donotcontact",
}  # fmt: skip
_EXACT: dict[str, tuple[str, int]] = {
    alias: (field, rank) for field, aliases in _NAMES.items() for rank, alias in enumerate(aliases.split())
}
_QUESTIONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (field, re.compile(rf"\b(?:{words})\b"))
    for field, words in (
        ("consent", "consent|agree|subscribe|newsletter|gdpr|privacy|opt in|einwilligung|datenschutz|consentement"),
        ("email", "e mail|email|mail address|courriel|correo"),
        ("phone", "phone|telephone|mobile|telefon|telefono|handy|whatsapp"),
        ("employees", "employees|company size|team size|headcount|mitarbeiter|effectif|how big is your (?:team|company)"),
        ("seats", "how many (?:seats|users|licenses|people)|number of (?:seats|users)"),
        ("website", "website|web site|homepage|webseite|site web"),
        ("first_name", "first name|given name|vorname|prenom"),
        ("last_name", "last name|surname|family name|nachname|apellidos?"),
        ("title", "job title|your role|job role|position|what do you do"),
        ("industry", "industry|sector|branche"),
        ("revenue_band", "revenue|umsatz"),
        ("budget", "budget|willing to spend"),
        ("timeline", "timeline|time frame|timeframe|how soon|when (?:do|would|are|will) you|by when|start date|zeitrahmen"),
        ("country", "country|land|pays|pais"),
        ("city", "city|stadt|ville|ciudad"),
        ("product", "which product|interested in|product"),
        ("message", "message|how can we help|help you|tell us|describe|comments?|questions?|inquiry|project"
                    "|challenge|looking for|use case|goals?|share anything|talk about|discuss"
                    "|nachricht|anfrage|anything else|solve|problem"),
        ("company", "company|organi[sz]ation|business|firma|unternehmen|entreprise|societe|empresa|where do you work"),
        ("name", "name|who are you|nom|nombre"),
    )
)  # fmt: skip
_FILLERS = word_set(
    """your my the a contact lead customer person visitor user form field fields data input hidden value q properties
    traits attributes payload answer answers submission custom hs item txt tf cf7 wpforms entry please enter de la
    votre ihre ihr tu su answervalue"""
)
_OTHERS = word_set(
    """formname formid formtitle pagename pagetitle pagevariant eventname eventtype username sitename filename
    agentname ownername ownerid campaignowner hostname listname listid tagname websiteid useragent remoteip
    ipaddress sendername ticketsubject teamname teamid workspacename apikey recipient recipientemail owneremail
    agentemail repemail fromname companyid contentid messageid pageid productid accountid userip contenttype
    screenname"""
)
"""Names that look like a field of the lead and are somebody else's."""
_CONTAINERS = _FILLERS | word_set(
    """event details info record object contacts body response formdata fielddata values"""
)
_BREAKS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^0-9A-Za-z]+")


def words_of(name: str) -> tuple[str, ...]:
    """A key's or label's words: accents off, camelCase split, lower case."""
    plain = unicodedata.normalize("NFKD", name[:300].replace("ß", "ss"))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return tuple(word.lower() for word in _BREAKS.split(plain) if word)


def is_somebody_elses(name: str) -> bool:
    """Whether a name only looks like a field of the lead: a form's name, an owner's e-mail."""
    return "".join(words_of(name)) in _OTHERS


def is_container(name: str) -> bool:
    """Whether a key only wraps the lead's fields, as `contact`, `data` or `fields` do."""
    words = words_of(name)
    return all(word in _CONTAINERS or word.isdigit() for word in words) or "".join(words) in _CONTAINERS


@lru_cache(maxsize=4096)
def field_of(name: str) -> tuple[str, float, int] | None:
    """The lead field that a key or label names, how sure (1.0 by name, 0.95 by words), and its rank among that field's names."""
    words = words_of(name)
    joined = "".join(words)
    if joined in _OTHERS:
        return None
    if joined in _EXACT:
        field, rank = _EXACT[joined]
        return field, 1.0, rank
    core = tuple(word for word in words if word not in _FILLERS and not word.isdigit())
    stripped = "".join(word for word in core if not re.fullmatch(r"q?\d+", word))
    if stripped in _EXACT:
        field, rank = _EXACT[stripped]
        return field, 1.0, rank + 50
    if len(words) < 2:
        return None
    sentence = " ".join(words)
    for field, pattern in _QUESTIONS:
        if pattern.search(sentence):
            return field, 0.95, 100
    return None
