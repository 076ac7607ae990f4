"""`signalbox classify` as a test asks it."""

from typer.testing import CliRunner, Result

from cli.classify.command import app
from cli.errors import CliError
from tests.services.classify.makers import MODEL

SHIPPED = MODEL.version


def ran(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def output(*arguments: object) -> str:
    done = ran(*arguments)
    assert done.exit_code == 0, done.exception
    return done.stdout


def refusal(*arguments: object) -> CliError:
    error = ran(*arguments).exception
    assert isinstance(error, CliError), error
    return error
