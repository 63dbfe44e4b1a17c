"""What every page is made of, made before the first one is asked for: templates, the words of each language, dates.

Nobody waits for it then, and all of it is there when the process tells the collector of garbage what stays
(`telemetry.memory.settle`).
"""

from jinja2 import Environment

from web import catalogue
from web.desk import rendering as desk
from web.desk.voice import Voice
from web.public import rendering as public
from web.services import Services


def warm(services: Services) -> None:
    """Load what is read once. It reaches no service, only files of ours."""
    policy = services.tuntas.policy
    for environment in (desk.environment, public.environment()):
        _templates(environment)
    for part in catalogue.parts():
        for language in catalogue.languages(part):
            catalogue.catalogue(part, language)
    for language in catalogue.LANGUAGES:
        voice = Voice(language, policy)
        voice.when(services.now())
        voice.word("status", "")  # the words of the policy


def _templates(environment: Environment) -> None:
    for name in environment.list_templates():
        environment.get_template(name)
