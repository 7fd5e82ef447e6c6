"""What can go wrong, told in one line that an operator can act on.

None of these carries a request, a response or the exception of an HTTP library: those hold the
`X-Api-Key` header.
"""

from typing import ClassVar

MAX_TEXT = 300
"""Characters kept of any text that came from outside."""


def one_line(text: str, limit: int = MAX_TEXT) -> str:
    """Makes text from outside safe to print: one line, no control characters, not too long."""
    words = "".join(char if char.isprintable() else " " for char in text).split()
    line = " ".join(words)
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


class AmpersandError(Exception):
    """Base of all errors of this source."""


class ConfigurationError(AmpersandError):
    """A setting or an argument cannot be used; nothing was sent. Exit code 2."""


class ApiError(AmpersandError):
    """The API cannot be reached, refused, or answered something that cannot be used.

    `title`, `detail`, `remedy` and `request_id` are the API's own words (openapi/problem.yaml,
    ApiProblem). Its `context` and `issues` are left out, because they may repeat input.

    Attributes:
        reason: What happened, in our words.
        status: HTTP status, None where no complete answer came.
        title: Short name of the problem.
        detail: Explanation of this occurrence.
        remedy: How to resolve it.
        request_id: What the vendor's support asks for.
        url: Address of the request, without query.
        project: Id or name of the project asked for, if one was.
        attempts: Requests sent for the answer that failed.
        connected: Whether a connection came about.
    """

    hint: ClassVar[str] = "check the base URL, and ask the vendor's support"
    """What to do when the API names no remedy."""
    hint_on_lists: ClassVar[str | None] = None
    """The same, where no project was asked for and something else is to be done."""

    def __init__(
        self,
        reason: str,
        *,
        status: int | None = None,
        title: str | None = None,
        detail: str | None = None,
        remedy: str | None = None,
        request_id: str | None = None,
        url: str | None = None,
        project: str | None = None,
        attempts: int = 1,
    ) -> None:
        """Cleans every text; see the class for the meaning of each argument."""
        self.reason = one_line(reason)
        super().__init__(self.reason)
        self.status = status
        self.title = title and one_line(title)
        self.detail = detail and one_line(detail)
        self.remedy = remedy and one_line(remedy)
        self.request_id = request_id and one_line(request_id)
        self.url = url and one_line(url)
        self.project = project and one_line(project)
        self.attempts = attempts
        self.connected = True

    def __str__(self) -> str:
        """One line: where, what, why, what to do."""
        what = self.reason
        title = None if self.title and self.title.lower() in what.lower() else self.title
        if self.attempts > 1:
            what += f" ({self.attempts} attempts)"
        if self.project:
            what = f"project {self.project}: {what}"
        remedy = self._remedy()
        sentences = [
            f"GET {self.url}: {what}" if self.url else what,
            title,
            self.detail,
            f"Remedy: {remedy}" if remedy else None,
            f"Request id: {self.request_id}" if self.request_id else None,
        ]
        return ". ".join(sentence.rstrip(".") for sentence in sentences if sentence)

    def _remedy(self) -> str:
        hint = self.hint if self.project else self.hint_on_lists or self.hint
        return self.remedy or hint


class Unauthorized(ApiError):
    """401: the key is missing, wrong or revoked."""

    hint = "check the API key"


class Forbidden(ApiError):
    """403: the key is known, but may not read this."""

    hint = "use a key that may read this project"
    hint_on_lists = "use a key that may list projects, or name them in the setting projects"


class NotFound(ApiError):
    """404 in the API's own form: there is no such project, or path, or the key cannot see it."""

    def _remedy(self) -> str:
        """Ours: the API cannot know where the name or the address was written."""
        if self.project is None:
            return "check the base URL: the API has this path under its root"
        return (
            "check how the project is spelled in [sources.ampersand.api_keys], `projects` or "
            "--project, and that the key belongs to it"
        )


class Invalid(ApiError):
    """422: the API found the request invalid."""

    hint = "check the project's id or name, and the base URL"
    hint_on_lists = "check the base URL"


class Unavailable(ApiError):
    """429, 5xx or no connection, after all retries or where a retry is pointless."""

    hint = "try again later; if it stays so, check the network and the base URL"


class Untrusted(Unavailable):
    """The server, or what answers in its place, has a certificate that nobody vouches for."""

    hint = (
        "check the base URL; if the certificate is your own proxy's, name the file of its CA in "
        "REQUESTS_CA_BUNDLE"
    )


class TooSlow(Unavailable):
    """An answer that kept coming and was not complete in time."""

    hint = "try again later; if answers do take that long, raise the setting answer_timeout"


class UnexpectedAnswer(ApiError):
    """An answer that is not what was asked for: no list, no project, no content."""

    hint = (
        "try again; if it stays so, check the base URL and any proxy on the way, and ask the "
        "vendor's support"
    )


class TooLarge(UnexpectedAnswer):
    """A list that is larger than is allowed, perhaps one that decompresses without end."""

    hint = "if there is that much to list, raise the setting max_list_bytes; else check any proxy"


class RedirectRefused(ApiError):
    """A redirect that would take the key to another place, or that never ends."""

    hint = "check the base URL"
