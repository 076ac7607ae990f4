"""National suffixes of domains that tell a country."""

from libs.identity.words import word_set

COUNTRY_SUFFIXES = word_set(
    """
    at au be bg br ca ch cl cn cz de dk ee es fi fr gr hr hu ie il it jp kr lt lu lv mx nl no nz pe pl pt ro se si
    sk tr uk za
    """
)
"""Country suffixes that are mostly used by who lives there; `.io`, `.ai`, `.co`, `.me`, `.tv` and the like are not."""
