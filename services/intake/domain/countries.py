"""Country names in several languages to ISO 3166 alpha-2, for the countries that leads commonly name. Collected by hand."""

from functools import lru_cache

from libs.identity.phones import region_code
from services.intake.domain.aliases import joined_of

_COUNTRIES = """
AE unitedarabemirates uae emirates vereinigtearabischeemirate emiratsarabesunis|AL albania albanien|AM armenia
AR argentina argentinien argentine|AT austria osterreich autriche oostenrijk osterrike ostrig австрия オーストリア
AU australia australien australie オーストラリア|AZ azerbaijan|BA bosnia bosniaandherzegovina|BD bangladesh
BE belgium belgien belgique belgie belgica belgio belgia belgicko бельгия ベルギー|BG bulgaria bulgarien bulgarie|BH bahrain
BO bolivia|BR brazil brasil brasilien bresil brasile brazylia бразилия ブラジル|BY belarus weissrussland беларусь
CA canada kanada канада カナダ|CH switzerland schweiz suisse svizzera suiza suica zwitserland szwajcaria sveits
CH schwyz швейцария スイス|CL chile chili|CN china prchina peoplesrepublicofchina chine kina chiny китай 中国 zhongguo
CO colombia kolumbien colombie|CR costarica|CU cuba|CY cyprus zypern chypre
CZ czechrepublic czechia tschechien republiquetcheque cesko ceskarepublika tsjechie czechy chequia чехия チェコ
DE germany deutschland allemagne alemania germania duitsland alemanha niemcy tyskland германия ドイツ brd saksa
DK denmark danmark danemark dinamarca danimarca denemarken dania danemarkt дания デンマーク|DO dominicanrepublic
DZ algeria algerie algerien|EC ecuador|EE estonia estland eesti estonie|EG egypt agypten egypte egitto egipto egipt
ES spain spanien espagne espana spagna spanje espanha hiszpania spania испания スペイン
FI finland finnland finlande suomi finlandia финляндия フィンランド
FR france frankreich francia frankrijk franca francja frankrike frankrig франция フランス
GB unitedkingdom uk greatbritain britain england scotland wales northernireland vereinigteskonigreich grossbritannien
GB royaumeuni grandebretagne angleterre reinounido inghilterra regnounito verenigdkoninkrijk engeland wielkabrytania
GB storbritannien storbritannia великобритания イギリス 英国|GE georgia georgien|GH ghana|GR greece griechenland grece
GR hellas grecia griekenland grecja греция|GT guatemala|HK hongkong 香港|HN honduras
HR croatia kroatien croatie hrvatska croacia croazia chorwacja|HU hungary ungarn hongrie magyarorszag hungria ungheria wegry
ID indonesia indonesien indonesie|IE ireland irland irlande eire irlanda ierland irlandia republicofireland ирландия
IL israel|IN india indien inde bharat indie индия インド|IQ iraq irak|IR iran|IS iceland island islande
IT italy italien italie italia italie wlochy италия イタリア|JM jamaica|JO jordan jordanien
JP japan japon giappone japao japonia nippon nihon япония 日本|KE kenya kenia
KR southkorea korea republicofkorea sudkorea coreedusud coreadelsur 韓国 한국 대한민국|KW kuwait|KZ kazakhstan kasachstan
LB lebanon libanon liban|LK srilanka|LI liechtenstein|LT lithuania litauen lituanie lietuva litwa
LU luxembourg luxemburg lussemburgo luxemburgo|LV latvia lettland lettonie latvija lotwa|MA morocco marokko maroc marruecos
MC monaco|MD moldova|ME montenegro|MK northmacedonia macedonia|MT malta malte
MX mexico mexiko mexique messico meksyk мексика メキシコ|MY malaysia|NG nigeria
NL netherlands thenetherlands holland niederlande paysbas paisesbajos paesibassi nederland holanda olanda holandia
NL nederlanderna nederlandene нидерланды オランダ|NO norway norwegen norvege norge noruega norvegia noorwegen норвегия
NP nepal|NZ newzealand neuseeland nouvellezelande nuevazelanda|OM oman|PA panama|PE peru perou|PH philippines philippinen
PK pakistan|PL poland polen pologne polska polonia polonia польша ポーランド
PT portugal portogallo portugalia португалия ポルトガル|PR puertorico|PY paraguay|QA qatar katar
RO romania rumanien roumanie rumania|RS serbia serbien serbie srbija
RU russia russland russie rosja rusia rossiya россия российскаяфедерация russianfederation ロシア
SA saudiarabia saudiarabien arabiesaoudite|SE sweden schweden suede sverige suecia svezia zweden szwecja швеция
SE スウェーデン|SG singapore singapur singapour|SI slovenia slowenien slovenie slovenija
SK slovakia slowakei slovaquie slovensko|SN senegal|SV elsalvador|TH thailand thailande|TN tunisia tunesien tunisie
TR turkey turkei turquie turkiye turquia turchia turcja турция|TW taiwan 台湾|TZ tanzania|UA ukraine ukraina ucrania украина
UG uganda|US unitedstates unitedstatesofamerica usa theunitedstates vereinigtestaaten etatsunis estadosunidos statiuniti
US verenigdestaten stanyzjednoczone сша америка アメリカ 米国 amerika us america|UY uruguay|UZ uzbekistan|VE venezuela
VN vietnam|ZA southafrica sudafrika afriquedusud sudafrica zuidafrika|ZW zimbabwe
"""
_BY_NAME = {
    joined_of(name): line.split()[0]
    for line in _COUNTRIES.replace("\n", "|").split("|")
    if line.strip()
    for name in line.split()[1:]
}


def country_of(text: str) -> str | None:
    """The country's code, else the name as it was given; None for a number or nothing."""
    return country_code(text) or (text if any(map(str.isalpha, text)) else None)


@lru_cache(maxsize=1_024)
def country_code(text: str) -> str | None:
    """ISO 3166 alpha-2 of a country's code or name ("DE", "Germany", "Deutschland", "Allemagne"); None when it is none."""
    name = text.strip()
    if len(name) > 80:
        return None
    return region_code(name) or _BY_NAME.get(joined_of(name))
