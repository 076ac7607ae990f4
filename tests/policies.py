"""What fakes of PolicyVersions share when a test is about neither earned levels nor a policy in shadow."""

from libs.policy.autonomy import Levels
from libs.policy.policy import Policy


class Plain:
    """Nothing was earned, and nothing is tried."""

    def levels(self) -> Levels:
        return {}

    def shadow(self) -> Policy | None:
        return None
