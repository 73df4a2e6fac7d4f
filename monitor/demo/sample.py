"""The sample organisation's channels: how each of them went. Every name, place and sentence is made up."""

from __future__ import annotations

from monitor.demo.simulate import Plan, Wording

STARTED = 912.0
"""The sample's memory, in days: two and a half years."""

COMMENTS_DIED = 212.0
ANSWERS_STOPPED = 150.0
TEAM_FELL_SILENT = 425.0
BETA_OPENED = 46.0
"""Just before one of the demo's nights, which then finds a few entries: a full window would tell no age."""
COMMUNITY_WEAKENED = 125.0


def _numbered(role: str, count: int) -> tuple[str, ...]:
    return tuple(f"{role} {number}" for number in range(1, count + 1))


CYCLING = Wording(
    subjects=(
        "Cykelstien langs åen", "Lygter og reflekser", "Børn på ladcykel", "Vinterdæk", "Cykelpumper ved stationen",
        "Elcykler på arbejde", "Parkering ved rådhuset", "Den grønne rute", "Hjelme", "Cykeltælleren på broen",
    ),
    angles=(
        "hvad virker i praksis?", "det har vi lært", "sådan gør vi næste gang", "tre gode råd",
        "jeres svar på rundspørgen", "nyt fra ugen", "før og efter", "hvad mangler vi?", "en tur i regnvejr",
        "tal fra i år",
    ),
    posts=(
        "Vi har været en tur ude at se på forholdene. Skriv, hvad I oplever på jeres egen vej.",
        "I sidste uge spurgte vi jer, og her er det, vi tager med videre. Hvad mangler på listen?",
        "Billederne er taget en tidlig morgen i øsregn. Det gik fint, men der er plads til at gøre det bedre.",
    ),
    replies=(
        "Tak for turen! Hos os på øen er der stadig huller ved færgen.",
        "Enig, men hvad med krydset ved skolen?",
        "Jeg kører der hver dag, og det er blevet meget bedre.",
        "Kan man få kortet som fil?",
        "Det regnede sidelæns, men lygterne holdt.",
    ),
    answers=(
        "Godt set, vi tager det med til kommunen på tirsdag.",
        "Tak! Kortet ligger nu nederst i indlægget.",
        "Det undersøger vi og skriver igen i næste uge.",
    ),
)  # fmt: skip

LEADERSHIP = Wording(
    subjects=(
        "Strategien frem mod næste år", "Møder", "Tillid", "Årets medarbejdermåling", "Fokus", "Vores værdier",
        "Rejsen mod målet", "Øget samarbejde",
    ),
    angles=("nogle tanker", "hvor står vi nu?", "fra min kalender", "hvad vi tror på", "en status", "det lange træk"),
    posts=(
        "Vi er godt på vej, og der er grund til at være stolte. I næste kvartal sætter vi yderligere fart på.",
        "Jeg bliver tit spurgt, hvad det betyder i hverdagen. Det korte svar er: at vi løfter i flok.",
    ),
    replies=(
        "Hvordan mærker vi det i afdelingerne?", "Tak for det ærlige indlæg.", "Hvornår kommer tallene?",
        "Det spurgte vi også om i foråret, uden at få svar.",
    ),
    answers=("Godt spørgsmål, det vender jeg tilbage til.", "Tak for kommentaren."),
)  # fmt: skip

DEBATE = Wording(
    subjects=(
        "Åbningstiderne i weekenden", "Kø på telefonen", "Den nye app", "Pantautomaten",
        "Regningen for årets aflæsning", "Adgang for kørestole", "Støj fra anlægget", "Forslag om byttemarked",
        "Skilte på havnen", "Rabat til ældre",
    ),
    angles=(
        "hvad er planen?", "er der andre, der oplever det?", "et forslag", "virker ikke for mig",
        "hvornår kan vi vente det?", "tak for hjælpen i går", "hvorfor ikke begge dele?", "gælder det også på Ærø?",
    ),
    posts=(
        "Jeg har prøvet to gange nu og kommer ikke videre. Er det en kendt fejl?",
        "Det ville være en stor hjælp for os, der bor langt fra byen. Hvad siger I til det?",
        "Der stod noget andet på opslaget. Hvad gælder?",
    ),
    replies=(
        "Samme her, siden i mandags.", "Det hjalp mig at starte forfra.", "Godt forslag, det støtter jeg.",
        "Er der slet ingen fra Eksempel, der læser med?", "Hos naboen virker det fint.",
    ),
    answers=(
        "Tak, fordi du skriver. Vi har rettet fejlen i dag.", "Det er sendt videre til dem, der kan svare.",
        "Ja, fra den første i næste måned.",
    ),
)  # fmt: skip

TEAM = Wording(
    subjects=("Bag om holdet", "Ugens værktøj", "Fredagskage", "Praktikanten fortæller", "Flytningen", "Årets tur"),
    angles=("første del", "anden del", "billeder", "en opfølgning", "hvad vi lærte", "på opfordring"),
    posts=(
        "Så blev det vores tur til at fortælle, hvad vi går og laver.",
        "Kort nyt fra kontoret: der er kommet grønne planter, og de lever endnu.",
    ),
    replies=("Hvor ser det hyggeligt ud!", "Er der en opskrift?", "Tak for kage.", "Det værktøj må vi også prøve."),
    answers=("Opskriften kommer på fredag.", "Tak, det gav vi videre til holdet."),
)

NEWSLETTER = Wording(
    subjects=("Quarterly news",),
    angles=("results and plans", "what we built", "from Ærø to Aarhus", "people and numbers", "the quarter in brief"),
    posts=("What we did in the last three months, what it cost, and what comes next. Written for everybody.",),
    replies=(),
    answers=(),
)

BETA = Wording(
    subjects=("Log-in", "Kortvisning", "Mørkt tema", "Øgede skriftstørrelser", "Besked om afgange", "Søgning"),
    angles=("fejl i udgave 0.3", "et ønske", "sådan kom jeg i gang", "virker fint", "spørgsmål", "på gammel telefon"),
    posts=(
        "Jeg prøver betaudgaven på min telefon. Her er, hvad jeg ser.",
        "Er det meningen, at knappen er grå, før man har valgt en rute?",
    ),
    replies=("Det samme sker for mig.", "Prøv at logge ud og ind igen.", "Ja tak, det ønsker jeg også.", "Fin idé!"),
    answers=("Rettet i næste udgave.", "Tak, kan du skrive, hvilken telefon du har?", "Det er sat på listen."),
)

COMMUNITY = Wording(
    subjects=(
        "Export to CSV", "Calendar sync", "Danish letters æ, ø and å in file names", "Single sign-on", "Dark mode",
        "Printing labels", "Meet-up in Rødovre", "Importing old invoices", "Time zones", "Notifications",
    ),
    angles=(
        "how do you do it?", "fails since the update", "a small tip", "feature request", "any news?", "my set-up",
        "is it documented?", "works on one machine only",
    ),
    posts=(
        "I could not find this in the manual. How do the rest of you handle it?",
        "After the update this stopped working on one of our two machines. What am I missing?",
        "Sharing in case it saves somebody an hour.",
    ),
    replies=(
        "Same here, a restart helped.", "Check the settings page, second tab.", "Thanks, that solved it for us.",
        "We gave up and do it by hand.", "Does it also work with names like Sønderjylland?",
    ),
    answers=(
        "Thanks for the report, a fix is on its way.", "This is documented now, see the guide.",
        "Not yet, but planned.",
    ),
)  # fmt: skip

PLANS = (
    Plan(
        id="cykelblog",
        wording=CYCLING,
        staff=("Redaktionen", "Cykelredaktøren"),
        public=_numbered("Cyklist", 24),
        posts_per_week=((STARTED, 2.0),),
        echo=((STARTED, 0.95),),
        replies=3.5,
        answered=((STARTED, 0.85),),
    ),
    Plan(
        id="ledelsesblog",
        wording=LEADERSHIP,
        staff=("Direktionen",),
        public=_numbered("Læser", 16),
        posts_per_week=((STARTED, 1.2),),
        echo=((STARTED, 0.9), (COMMENTS_DIED + 60, 0.6), (COMMENTS_DIED, 0.0)),
        replies=2.5,
        answered=((STARTED, 0.5), (COMMENTS_DIED, 0.0)),
    ),
    Plan(
        id="debat",
        wording=DEBATE,
        staff=("Redaktionen", "Eksempel Support"),
        public=_numbered("Bruger", 40),
        by_staff=False,
        posts_per_week=((STARTED, 5.0),),
        echo=((STARTED, 0.85),),
        replies=2.0,
        answered=((STARTED, 0.8), (ANSWERS_STOPPED, 0.0)),
    ),
    Plan(
        id="teamblog",
        wording=TEAM,
        staff=("Holdet bag", "Praktikanten"),
        public=_numbered("Kollega", 12),
        posts_per_week=((STARTED, 1.5), (TEAM_FELL_SILENT, 0.0)),
        echo=((STARTED, 0.7),),
        replies=1.6,
        answered=((STARTED, 0.6), (TEAM_FELL_SILENT, 0.0)),
    ),
    Plan(
        id="kvartalsnyt",
        wording=NEWSLETTER,
        staff=("Kommunikation",),
        posts_per_week=((STARTED + 22, 1 / 13),),
        jitter=0.05,
    ),
    Plan(
        id="beta-forum",
        wording=BETA,
        staff=("Eksempel Support",),
        public=_numbered("Prøvekører", 15),
        by_staff=False,
        posts_per_week=((BETA_OPENED, 2.0),),
        echo=((BETA_OPENED, 0.7),),
        replies=1.5,
        answered=((BETA_OPENED, 0.8),),
    ),
    Plan(
        id="community",
        wording=COMMUNITY,
        staff=("Eksempel Support",),
        public=_numbered("Member", 40),
        by_staff=False,
        posts_per_week=((STARTED, 5.0), (COMMUNITY_WEAKENED, 2.1)),
        echo=((STARTED, 0.85),),
        replies=2.0,
        answered=((STARTED, 0.75),),
    ),
)
"""Every channel that can be read; the eighth, ``intranet``, never answers."""
