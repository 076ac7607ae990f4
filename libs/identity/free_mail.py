"""Mail domains that say nothing about an employer: free mail and access providers."""

from libs.identity.words import word_set

FREE_MAIL = word_set(
    """
    126.com 163.com a1.net abv.bg aim.com alice.it aliyun.com aol.com arcor.de att.net bbox.fr bellsouth.net
    bigpond.com bk.ru bluewin.ch bol.com.br btinternet.com centrum.cz charter.net chello.at comcast.net cox.net
    daum.net docomo.ne.jp duck.com earthlink.net eircom.net email.com email.cz ezweb.ne.jp fastmail.com fastmail.fm
    foxmail.com free.fr freenet.de frontier.com globo.com gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net
    googlemail.com hanmail.net hey.com hispeed.ch home.nl hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr
    hotmail.it hotmail.nl hushmail.com i.ua icloud.com ig.com.br inbox.com inbox.lv inbox.ru indiatimes.com
    interia.pl juno.com kpnmail.nl laposte.net libero.it list.ru live.ca live.co.uk live.com live.de live.fr live.it
    live.nl mac.com mail.bg mail.com mail.ee mail.ru mailbox.org me.com msn.com nate.com naver.com neuf.fr
    ntlworld.com o2.pl onet.pl online.de online.no op.pl optonline.net optusnet.com.au orange.fr outlook.com
    outlook.de outlook.es outlook.fr outlook.it planet.nl pm.me posteo.de proton.me protonmail.ch protonmail.com
    qq.com rambler.ru rediffmail.com rocketmail.co.uk rocketmail.com rogers.com sapo.pt sbcglobal.net seznam.cz
    sfr.fr shaw.ca sina.com sky.com skynet.be softbank.ne.jp sohu.com sympatico.ca t-online.de talktalk.net tele2.se
    telenet.be telia.com terra.com.br tin.it tiscali.it tuta.com tuta.io tutanota.com ukr.net uol.com.br verizon.net
    virgilio.it virginmedia.com volny.cz walla.co.il wanadoo.fr web.de windstream.net wp.pl xs4all.nl xtra.co.nz
    ya.ru yahoo.ca yahoo.co.id yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.ar yahoo.com.au yahoo.com.br
    yahoo.com.mx yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru yeah.net ymail.com ziggo.nl zoho.com
    zohomail.com
    """
)
"""Domains where anybody gets a mailbox. Collected by hand: the large public providers (Google, Microsoft, Yahoo, Apple,
Proton, GMX and their national domains) and the access providers of Europe, the Americas and Asia whose customers write from
them. Throw-away domains are not here: they come from the package disposable-email-domains, which is kept up to date."""
