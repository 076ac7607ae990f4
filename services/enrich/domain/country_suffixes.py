"""National suffixes of domains that tell a country."""

from libs.identity.words import word_set

COUNTRY_SUFFIXES = word_set(
    """
    ae ao ar at au az ba bd be bg bh bo br bw by ca ch ci cl cn cr cu cy cz de dk do dz ec ee eg es et fi fr ge gh gr gt
    hk hn hr hu id ie il in iq ir is it jm jo jp ke kh kr kw kz lb lk lt lu lv ma mk mm mo mt mx my mz na ng ni nl no
    np nz om pa pe ph pk pl pt py qa ro rs ru rw sa se sg si sk sn sv th tn tr tw tz ua ug uk us uy uz ve vn ye za zm zw
    """
)
"""Country suffixes that are mostly used by who lives there. Not here: those sold to the whole world (ac ag ai am bz cc cd
co dj fm gd gg gl im io je la li ly md me mn ms mu nu pm pw sc sh so st su sx tk tl to tv vc vg vu ws …), and `.eu`."""
