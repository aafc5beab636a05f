using System.Globalization;
using System.Text;

namespace Haq.Engine.Tests.Architecture;

/// <summary>The rooms of the engine as an SVG: floors from the roof down, the folders in each room, and under each room the rooms that its code uses.</summary>
internal static class RoomPicture
{
    private const int Width = 1000, Margin = 20, Gap = 12, LineHeight = 16, Head = 30, CharactersPerPixel = 7;

    public static string Draw()
    {
        var uses = Uses();
        var body = new StringBuilder();
        int y = Margin;
        foreach (string[] floor in Rows())
        {
            int width = (Width - 2 * Margin - Gap * (floor.Length - 1)) / floor.Length;
            string[][] lines = [.. floor.Select(room => Lines(room, uses[room], width))];
            int height = Head + lines.Max(l => l.Length) * LineHeight + 8;
            for (int i = 0; i < floor.Length; i++) Box(body, Margin + i * (width + Gap), y, width, height, floor[i], lines[i]);
            y += height + Gap;
        }
        return string.Create(CultureInfo.InvariantCulture,
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {y - Gap + Margin}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="The rooms of Haq.Engine, roof first">
            <rect width="100%" height="100%" fill="#ffffff"/>
            {body}</svg>

            """).ReplaceLineEndings("\n");
    }

    // The ground floor's rooms are a floor each, which would make a tower: they stand side by side.
    private static IEnumerable<string[]> Rows()
    {
        int ground = Array.FindIndex(Rooms.Floors, f => f.Contains("Layers"));
        foreach (string[] floor in Rooms.Floors[..ground]) yield return floor;
        yield return [.. Rooms.Floors[ground..].SelectMany(f => f)];
    }

    private static Dictionary<string, SortedSet<string>> Uses()
    {
        var uses = Rooms.Floors.SelectMany(f => f).ToDictionary(room => room, _ => new SortedSet<string>(StringComparer.Ordinal));
        foreach (var type in Rooms.Types)
        {
            string room = Rooms.RoomOf(type.FullName);
            if (!uses.TryGetValue(room, out var others)) continue;
            foreach (var (used, _) in Rooms.UsedTypes(type))
                if (Rooms.RoomOf(used.FullName) is { Length: > 0 } other && other != room) others.Add(other);
        }
        return uses;
    }

    private static string[] Lines(string room, SortedSet<string> uses, int width)
    {
        var folders = Rooms.Types.Where(t => Rooms.RoomOf(t.FullName) == room).Select(t => Rooms.FolderOf(t.FullName)).Where(f => f.Length > 0).Distinct().Order(StringComparer.Ordinal);
        // Everything uses the ground floor, so only what is above it tells something.
        var told = uses.Where(u => Rooms.FloorOf(u) < Rooms.FloorOf("Layers")).OrderBy(Rooms.FloorOf).ThenBy(u => u, StringComparer.Ordinal);
        return [.. Wrapped("", folders, width), .. Wrapped("uses ", told, width)];
    }

    private static IEnumerable<string> Wrapped(string prefix, IEnumerable<string> words, int width)
    {
        var line = new StringBuilder();
        foreach (string word in words)
        {
            string piece = line.Length == 0 ? prefix + word : " · " + word;
            if (line.Length > 0 && (line.Length + piece.Length) * CharactersPerPixel > width - 20)
            {
                yield return line.ToString();
                line.Clear().Append(word);
                continue;
            }
            line.Append(piece);
        }
        if (line.Length > 0) yield return line.ToString();
    }

    private static void Box(StringBuilder svg, int x, int y, int width, int height, string room, string[] lines)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"#eef3f9\" stroke=\"#3b6ea5\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + 10}\" y=\"{y + 20}\" font-weight=\"600\" fill=\"#12304f\">{room}</text>\n");
        for (int i = 0; i < lines.Length; i++)
        {
            string colour = lines[i].StartsWith("uses ", StringComparison.Ordinal) ? "#8a4b08" : "#33475b";
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + 10}\" y=\"{y + Head + 10 + i * LineHeight}\" fill=\"{colour}\">{lines[i]}</text>\n");
        }
    }
}
