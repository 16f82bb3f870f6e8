"""Section 4.3: what either representation is for, class by class."""

from analysis.classes import ACCURACY, WON
from analysis.judge.claim import Claim
from analysis.judge.statements.sides import Section, acting, over

ON_THINGS, ON_MOTION = ACCURACY
CLASSES = (
    "Judged by the mean top-1 accuracy over such classes of UCF101, all three splits: on the real "
    "corpus over the two that the paper names; in the miniature world, whose classes are made so, "
    "over all that are {}."
)

COMPLEMENTARITY = Section(
    title="4.3 Complementarity of the representations",
    about="Accuracy class by class on UCF101 (Figure 3, which has no printed numbers). What the "
    "paper says of its two example queries (Figure 4) compares no numbers and is no claim here.",
    claims=(
        Claim(
            name="lexicon_over_latent_on_objects",
            says="The lexicon representation is better on classes told by their objects, such as "
            "billiards or horse riding.",
            where="section 4.3; Figure 3",
            inequalities=(
                over(acting("UCF101", "lexicon"), acting("UCF101", "latent"), metric=ON_THINGS),
            ),
            note=CLASSES.format("called by the name of a thing alone"),
        ),
        Claim(
            name="latent_over_lexicon_on_motion",
            says="The latent representation is better on classes told by long-range motion, such "
            "as mixing or ice dancing.",
            where="section 4.3; Figure 3",
            inequalities=(
                over(acting("UCF101", "latent"), acting("UCF101", "lexicon"), metric=ON_MOTION),
            ),
            note=CLASSES.format("called by a thing and its motion"),
        ),
        Claim(
            name="fusion_over_both_on_classes",
            says="Both together are better still on most classes.",
            where="section 4.3; Figure 3",
            inequalities=tuple(
                over(acting("UCF101"), acting("UCF101", part), metric=metric)
                for metric, (_, part) in WON.items()
            ),
            note="Judged, against either alone, by the share of classes on which the fused result "
            "is better less the share on which it is worse; classes on which both are equal count "
            'for neither, so this asks less than "most".',
        ),
    ),
)
