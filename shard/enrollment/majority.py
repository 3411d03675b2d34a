"""Which of a FaceId's pictures show the person whom most of them show."""

from collections.abc import Sequence

from scoring.majority import majority, sample, square
from shard.enrollment.folder_pictures import FolderPicture
from shard.enrollment.picture_enrollment import PictureEnrollment


async def pictures_of_majority(
    enrollment: PictureEnrollment, pictures: Sequence[FolderPicture]
) -> list[FolderPicture]:
    """Return the pictures of the person whom most of a sample show; none when there is none.

    Those that show no face, or several, have no say; when all of them do, all are returned.
    """
    shown: dict[str, FolderPicture] = {}
    scores: list[list[float | None]] = []
    needed = 0.0
    for picture in sample(list({picture.digest: picture for picture in pictures}.values())):
        answer = await enrollment.compare(picture, list(shown))
        if answer is not None:
            scores.append(answer.scores)
            shown[answer.digest] = picture
            needed = answer.needed
    if not shown:
        return list(pictures)
    compared = list(shown.values())
    return [compared[number] for number in majority(square(scores), needed)]
