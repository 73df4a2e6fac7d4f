"""What the names in plain feeds mean: feedparser's prefix for a namespace, an underscore, the name in lower case."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.poll import survey

NAMESPACES = {
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/rss/1.0/": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/echo/": "",
    "http://purl.org/pie/": "",
    "http://purl.org/rss/1.0/modules/rss091#": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://example.com/newformat#": "",
    "http://example.com/necho": "",
    "uri/of/echo/namespace#": "",
    "http://backend.userland.com/rss": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/rss/1.0/modules/taxonomy/": "taxo",
    "http://purl.org/rss/1.0/modules/threading/": "thr",
    "http://wellformedweb.org/commentapi/": "wfw",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://webns.net/mvcb/": "admin",
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativeCommons",
    "http://backend.userland.com/creativecommonsrssmodule": "creativeCommons",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://podlove.org/simple-chapters": "psc",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/1999/xlink": "xlink",
    "http://www.w3.org/xml/1998/namespace": "xml",
}
"""The namespaces of feeds, in lower case, and the prefixes by which feedparser knows them."""
KNOWN_PREFIXES = frozenset(
    {"admin", "cc", "content", "creativecommons", "creativeCommons", "dc", "dcterms", "feedburner", "geo", "georss",
     "gml", "itunes", "media", "psc", "rdf", "slash", "sy", "taxo", "wfw", "xhtml", "xlink", "xml"}
)  # fmt: skip
"""A feed that gives one of these to another namespace misleads feedparser."""
DECLINED_PREFIXES = frozenset({"cc", "creativecommons", "georss", "gml", "psc"})
"""Namespaces whose elements feedparser takes apart in ways that can fail, or that make links."""
DECLINED = frozenset(
    {"abstract", "body", "expirationdate", "feedburner_browserfriendly", "fullitem", "geom", "georssgeom", "info",
     "newlocation", "tags", "where", "xhtml_body", "math", "svg"}
)  # fmt: skip
"""Elements of old or strange feeds."""
COLLIDING = frozenset(
    {"author_detail", "authors", "channel_detail", "contributors", "created_parsed", "date", "date_parsed",
     "generator_detail", "guidislink", "issued_parsed", "links", "modified_parsed", "published_parsed",
     "summary_detail", "title_detail", "updated_parsed"}
)  # fmt: skip
"""Elements that feedparser does not know, and keeps under names of its own."""
DATES = {
    "pubdate": "published", "published": "published", "issued": "published", "dcterms_issued": "published",
    "updated": "updated", "modified": "updated", "lastbuilddate": "updated", "dc_date": "updated",
    "dcterms_modified": "updated", "created": "created", "dcterms_created": "created",
}  # fmt: skip
"""The dates of an item, and what feedparser calls them."""
TITLES = ("title", "dc_title", "media_title")
PEOPLE = ("author", "managingeditor", "dc_creator", "dc_author", "itunes_author")
PERSON = frozenset({"name", "email", "uri", "url", "homepage"})
"""What Atom writes of an author."""
TEXTS = (
    "description",
    "dc_description",
    "media_description",
    "summary",
    "itunes_summary",
    "content",
    "content_encoded",
)
UNUSED = frozenset(
    {"category", "cloud", "copyright", "dc_contributor", "dc_language", "dc_publisher", "dc_rights", "dc_subject",
     "dcterms_valid", "email", "enclosure", "height", "homepage", "itunes_block", "itunes_category", "itunes_email",
     "itunes_explicit", "itunes_image", "itunes_keywords", "itunes_link", "itunes_name", "itunes_subtitle", "keywords",
     "language", "media_category", "media_content", "media_credit", "media_group", "media_keywords", "media_license",
     "media_player", "media_rating", "media_restriction", "media_thumbnail", "name", "rights", "subtitle", "tagline",
     "uri", "url", "webmaster", "width", "admin_errorreportsto"}
)  # fmt: skip
"""Elements that feedparser reads and that change nothing of what we use, where they are on their own."""
ATTRIBUTES = frozenset(
    {"rel", "type", "href", "isPermaLink", "domain", "url", "uri", "term", "scheme", "label", "title", "length",
     "version", "height", "width", "medium", "fileSize", "text", "ref", "source", "hreflang"}
)  # fmt: skip
"""The usual attributes, none of which is a base for links."""
VERSIONS = {"http://purl.org/rss/1.0/": "rss10", "http://www.w3.org/2005/atom": "atom10"}
"""What feedparser takes a feed for that declares one of these first."""
USERLAND = "http://backend.userland.com/rss"
"""The beginning of the many namespaces of RSS 2.0."""
Attributes = dict[str, str]


class Declined(Exception):
    """The document is not plain: feedparser is to read it."""


@dataclass(slots=True)
class Names:
    """What the prefixes of a document stand for."""

    version: str = ""
    in_use: dict[str, str] = field(default_factory=dict)
    """Namespaces by the prefix that feedparser gives them."""
    prefixes: dict[str | None, str] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)
    """The prefixes of namespaces that feedparser does not know."""
    declared: set[tuple[str | None, str]] = field(default_factory=set)

    def declare(self, prefix: str | None, uri: str | None) -> None:
        """Note what a prefix stands for. Raises Declined where feedparser might take it for something else."""
        if not uri:
            return
        self.declared.add((prefix, uri))
        rebound = prefix is not None and self.prefixes.setdefault(prefix, uri) != uri
        if rebound or len(self.declared) > survey.NAMESPACES or len(uri.split()) != 1:
            raise Declined
        lower = _plain_uri(uri)
        self.version = self.version or VERSIONS.get(lower, "")
        known = NAMESPACES.get(lower)
        if known is None:
            self._declare_foreign(prefix or "", uri)
        elif (prefix in KNOWN_PREFIXES and prefix != known) or (known and known in self.foreign.values()):
            raise Declined
        else:
            self.in_use[known] = USERLAND if lower == USERLAND else uri

    def _declare_foreign(self, prefix: str, uri: str) -> None:
        taken = prefix != "" and self.in_use.get(prefix, uri) != uri
        if taken or prefix.lower() in KNOWN_PREFIXES or self.foreign.setdefault(uri, prefix) != prefix:
            raise Declined
        self.in_use[prefix] = uri

    def tag(self, name: str) -> tuple[str, str]:
        """feedparser's name for an element, and its local part. Raises Declined for one that is not plain."""
        uri, space, rest = name.partition(" ")
        local = (rest.partition(" ")[0] if space else uri).lower()
        prefix = ""
        if space:
            known = NAMESPACES.get(_plain_uri(uri))
            prefix = (self.foreign.get(uri, "") if known is None else known).lower()
        tag = f"{prefix}_{local}" if prefix else local
        if tag in DECLINED or tag in COLLIDING or prefix in DECLINED_PREFIXES or (not prefix and "_" in local):
            raise Declined
        if local in survey.ENTRIES and tag != local:
            raise Declined
        return tag, local


def _plain_uri(uri: str) -> str:
    lower = uri.lower()
    return USERLAND if USERLAND[7:] in lower else lower


def attributes_of(attributes: Attributes) -> Attributes:
    """The attributes as feedparser names them: in lower case, and those of a namespace twice."""
    found: Attributes = {}
    for name, value in attributes.items():
        uri, space, rest = name.partition(" ")
        local, _, prefix = (rest if space else uri).lower().partition(" ")
        if space:
            known = NAMESPACES.get(uri.lower())
            mapped = f"{known}:{local}" if known else local
            if mapped in found or mapped in attributes:
                raise Declined
            found[mapped] = value
            local = f"{prefix}:{local}" if prefix else local
        elif local in found:
            raise Declined
        found[local] = value.lower() if local in ("rel", "type") else value
    return found
