namespace Haq.Engine.Reporting.Html;

/// <summary>
/// Finds places beside points for their labels, so that none lies on another one, on a point, or outside the plot: judged on the narrowest page, where a plot is <see cref="Narrowest"/>
/// pixels wide. A label without a place is left out; pointing at the point tells its name, and the table has it.
/// </summary>
internal sealed class LabelPlaces(int height)
{
    private const double Narrowest = 270, PerCharacter = 7.2, LineHeight = 15, Ascent = 11, Beside = 9, Radius = 6;

    private readonly List<(double Left, double Top, double Right, double Bottom)> _taken = [];

    /// <summary>Above or below the point, and to which side of it.</summary>
    /// <param name="Dx">Pixels to the right.</param>
    /// <param name="Dy">Pixels down to the base line.</param>
    /// <param name="Anchor">The text's end that is there.</param>
    public sealed record Place(double Dx, double Dy, string Anchor);

    /// <summary>Keeps labels off a point.</summary>
    /// <param name="x">0 for the plot's left edge, 1 for its right.</param>
    /// <param name="y">Pixels from the top.</param>
    public void Avoid(double x, double y) => _taken.Add((x * Narrowest - Radius, y - Radius, x * Narrowest + Radius, y + Radius));

    /// <summary>Keeps labels off a text that is there already.</summary>
    public void Avoid(double x, double y, string text, Place place) => _taken.Add(Box(x, y, text, place));

    /// <summary>The first place that is free, in the order of the sides that are named first; null where none is.</summary>
    public Place? Find(double x, double y, string text, bool leftFirst, bool aboveFirst)
    {
        foreach (bool side in (bool[])[true, false])
        {
            foreach (bool level in (bool[])[true, false])
            {
                bool left = leftFirst == side, above = aboveFirst == level;
                var place = new Place(left ? -Beside : Beside, above ? -7 : 15, left ? "end" : "start");
                var box = Box(x, y, text, place);
                if (box.Left < 0 || box.Right > Narrowest || box.Top < 0 || box.Bottom > height || _taken.Exists(t => Overlap(t, box))) continue;
                _taken.Add(box);
                return place;
            }
        }
        return null;
    }

    private static (double Left, double Top, double Right, double Bottom) Box(double x, double y, string text, Place place)
    {
        double from = x * Narrowest + place.Dx, width = PerCharacter * text.Length, left = place.Anchor == "end" ? from - width : from;
        return (left, y + place.Dy - Ascent, left + width, y + place.Dy - Ascent + LineHeight);
    }

    private static bool Overlap((double Left, double Top, double Right, double Bottom) a, (double Left, double Top, double Right, double Bottom) b) =>
        a.Left < b.Right && b.Left < a.Right && a.Top < b.Bottom && b.Top < a.Bottom;
}
