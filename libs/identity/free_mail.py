"""Mail domains that say nothing about an employer: free mail and access providers; and the employers beside them."""

from libs.identity.words import word_set

_NATIONAL = word_set(
    """
    at be bg ca cl co.id co.il co.in co.jp co.kr co.nz co.th co.uk co.za com com.ar com.au com.br com.co com.hk com.mx
    com.my com.pe com.ph com.sg com.tr com.tw com.ve com.vn cz de dk es fi fr gr hr hu ie in it jp kr lv nl no ph pl pt ro
    rs se sg sk th
    """
)
_EVERYWHERE = ("yahoo", "hotmail", "outlook")
FREE_MAIL = word_set(
    """
    126.com 163.com 188.com 21cn.com a1.net abv.bg aim.com alice.it aliceadsl.fr aliyun.com aol.co.uk aol.com aol.de
    aol.fr arcor.de atlas.cz att.net azet.sk bbox.fr bellsouth.net bezeqint.net bigpond.com bigpond.net.au bk.ru
    bluewin.ch blueyonder.co.uk bol.com.br btinternet.com btopenworld.com cableone.net centrum.cz centrum.sk
    centurylink.net charter.net chello.at chello.nl clara.co.uk club-internet.fr cock.li comcast.net cox.net daum.net
    disroot.org docomo.ne.jp duck.com earthlink.net eircom.net email.com email.cz email.de embarqmail.com eresmas.com
    excite.com ezweb.ne.jp fastmail.com fastmail.fm fibertel.com.ar foxmail.com free.fr freemail.hu freenet.de
    freeserve.co.uk frontier.com frontiernet.net globo.com globomail.com gmail.com gmx.at gmx.ch gmx.co.uk gmx.com
    gmx.de gmx.eu gmx.fr gmx.net gmx.us googlemail.com hanmail.net hey.com hinet.net hispeed.ch home.nl home.se
    hushmail.com i.softbank.jp i.ua iafrica.com icloud.com ig.com.br iinet.net.au inbox.com inbox.lv inbox.ru
    indiatimes.com inet.hr infinito.it interia.eu interia.pl internode.on.net inwind.it iol.it iol.pt iprimus.com.au
    jubii.dk juno.com kabelmail.de kakao.com keemail.me kolumbus.fi kpnmail.nl laposte.net lavabit.com libero.it
    list.ru live.ca live.cn live.co.uk live.com live.com.au live.com.mx live.com.pt live.de live.dk live.fr live.ie
    live.it live.jp live.nl live.no live.se luukku.com lycos.com mac.com mail.bg mail.com mail.de mail.dk mail.ee
    mail.ru mailbox.org mailfence.com me.com meta.ua mindspring.com mozmail.com msn.com mweb.co.za mynet.com
    myyahoo.com nate.com naver.com neostrada.pl netcologne.de netscape.net netvigator.com netzero.net neuf.fr noos.fr
    ntlworld.com numericable.fr o2.pl ok.de onet.eu onet.pl onetel.com online.de online.no op.pl optimum.net
    optonline.net optusnet.com.au orange.fr otenet.gr planet.nl pm.me pobox.com poczta.fm post.cz posteo.at posteo.de
    posteo.net prodigy.net.mx proton.me protonmail.ch protonmail.com qq.com rambler.ru rediffmail.com riseup.net
    rocketmail.co.uk rocketmail.com rogers.com runbox.com sapo.pt sasktel.net sbcglobal.net seznam.cz sfr.fr shaw.ca
    shawcable.net simplelogin.com simplelogin.io sina.cn sina.com singnet.com.sg sky.com skynet.be snet.net
    softbank.ne.jp sohu.com spray.se startmail.com stofanet.dk suddenlink.net sunrise.ch swbell.net sympatico.ca
    t-online.de t-online.hu talk21.com talktalk.net tele2.nl tele2.se telefonica.net telenet.be telia.com telkomsa.net
    telus.net terra.com.br terra.es tin.it tiscali.co.uk tiscali.it tlen.pl tpg.com.au turk.net tut.by tuta.com
    tuta.io tutamail.com tutanota.com tutanota.de ukr.net uol.com.br verizon.net videotron.ca vip.163.com vip.qq.com
    virgilio.it virgin.net virginmedia.com vodafone.de vodamail.co.za voila.fr volny.cz walla.co.il walla.com
    wanadoo.es wanadoo.fr wanadoo.nl web.de westnet.com.au windowslive.com windstream.net wp.pl xs4all.nl xtra.co.nz
    y7mail.com ya.ru yandex.by yandex.com yandex.com.tr yandex.kz yandex.ru yandex.ua yeah.net ymail.com zeelandnet.nl
    ziggo.nl zoho.com zoho.eu zohomail.com zohomail.eu zonnet.nl
    """
) | {f"{name}.{suffix}" for name in _EVERYWHERE for suffix in _NATIONAL}
"""Domains where anybody gets a mailbox. Collected by hand: the large public providers (Google, Microsoft, Yahoo, Apple,
Proton, GMX and their national domains), relays that hide an address, and the access providers of Europe, the Americas and
Asia whose customers write from them. An employer that also gives out mail is here only with its customers' domain
(t-online.de, orange.fr, comcast.net, verizon.net, yandex.ru), never with its own (telekom.de, orange.com, comcast.com,
verizon.com, yandex-team.ru, google.com, microsoft.com, apple.com). Throw-away domains are not here: they come from the
package disposable-email-domains, which is kept up to date."""

EMPLOYER_HOSTS = word_set(
    """
    corp.mail.ru firma.seznam.cz rci.rogers.com staff.sina.com.cn corp.netease.com corp.aol.com
    staff.telenet.be corp.charter.net
    """
)
"""Hosts below a provider's domain where its own staff has its mail: each is a domain of its own, not its customers'."""

SHARED_HOSTS = word_set("privaterelay.appleid.com users.noreply.github.com amazonses.com groups.google.com")
"""Hosts that anybody may write through: they tell no company, though the domain above may be one's."""

PAGE_HOSTS = word_set(
    """
    sites.google.com docs.google.com drive.google.com calendar.google.com maps.google.com google.com forms.gle goo.gl
    linktr.ee linkedin.com facebook.com fb.com instagram.com twitter.com x.com tiktok.com youtube.com youtu.be medium.com
    substack.com xing.com t.me wa.me bit.ly tinyurl.com about.me calendly.com typeform.com eventbrite.com etsy.com
    github.com gitlab.com yelp.com tripadvisor.com booking.com amazon.com ebay.com
    """
)
"""Sites where anybody may have a page: given as somebody's website they tell no company, as a sender's domain they do."""

GRADUATE_LABELS = word_set("alumni alumnus alumnos alum alumnes ehemalige absolvent absolventen grads")
"""First labels of hosts that a university gives to those who left it."""
