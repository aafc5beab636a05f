using Mono.Cecil;

namespace Haq.Engine.Tests.Architecture;

/// <summary>A room uses only rooms below it, and a folder inside a room only folders below it; stages do not know each other.</summary>
public sealed class LayeringTests
{
    [Fact]
    public void A_room_uses_only_rooms_below_it()
    {
        var violations = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in Rooms.Types)
        {
            string room = Rooms.RoomOf(type.FullName);
            if (room.Length == 0) continue;
            foreach (var (used, where) in Rooms.UsedTypes(type))
            {
                string other = Rooms.RoomOf(used.FullName);
                if (other.Length > 0 && other != room && Rooms.FloorOf(other) <= Rooms.FloorOf(room)) violations.Add($"{room} uses {other}: {where} -> {used.FullName}");
            }
        }
        Assert.Empty(violations);
    }

    [Fact]
    public void Every_type_lives_in_a_room()
    {
        var homeless = Rooms.Types
            .Where(t => t.Namespace.StartsWith("Haq.Engine", StringComparison.Ordinal) && !Rooms.Floors.Any(floor => floor.Contains(Rooms.RoomOf(t.FullName))))
            .Select(t => t.FullName);
        Assert.Empty(homeless);
    }

    [Fact]
    public void No_static_field_can_be_changed()
    {
        var mutable = Rooms.Types
            .Where(t => Rooms.RoomOf(t.FullName).Length > 0 && !IsGenerated(t))
            .SelectMany(t => t.Fields)
            .Where(f => f.IsStatic && !f.IsInitOnly && !f.IsLiteral && !f.Name.StartsWith('<'))
            .Select(f => f.FullName);
        Assert.Empty(mutable);
    }

    private static bool IsGenerated(TypeDefinition type) =>
        type.Name.StartsWith('<') || (type.DeclaringType is { } outer && IsGenerated(outer));

    // What lies in the room itself stands for itself: it may be above a folder or below it, not both.
    [Fact]
    public void Folders_of_a_room_use_each_other_in_one_direction()
    {
        var uses = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (var type in Rooms.Types)
        {
            if (Rooms.PlaceOf(type.FullName) is not { Length: > 0 } place) continue;
            if (!uses.TryGetValue(place, out var others)) uses[place] = others = new(StringComparer.Ordinal);
            foreach (var (used, where) in Rooms.UsedTypes(type))
                if (Rooms.RoomOf(used.FullName) == Rooms.RoomOf(type.FullName) && Rooms.PlaceOf(used.FullName) is { Length: > 0 } other && other != place) others.TryAdd(other, where);
        }
        Assert.Contains(uses, place => place.Value.Count > 0);
        // Types of the room itself may know each other; a circle is one of folders only if a folder lies on it.
        string[] circles = [.. uses.Keys.Where(p => p.Contains('/') && Reaches(p, p, [])).Select(p => $"{p} is used by what it uses: {string.Join(", ", uses[p])}")];
        Assert.True(circles.Length == 0, string.Join('\n', circles));

        bool Reaches(string from, string to, HashSet<string> seen) =>
            uses.TryGetValue(from, out var next) && next.Keys.Any(n => n == to || (seen.Add(n) && Reaches(n, to, seen)));
    }

    [Fact]
    public void Stages_are_strangers()
    {
        const string Stages = "Pipeline/Stages/";
        var known = Rooms.Types
            .Where(type => Rooms.PlaceOf(type.FullName).StartsWith(Stages, StringComparison.Ordinal))
            .SelectMany(type => Rooms.UsedTypes(type).Select(use => (From: Rooms.PlaceOf(type.FullName), To: Rooms.PlaceOf(use.Used.FullName), use.Where)))
            .Where(use => use.To.StartsWith(Stages, StringComparison.Ordinal))
            .ToArray();
        Assert.NotEmpty(known);
        Assert.Empty(known.Where(use => use.From != use.To).Select(use => $"{use.From} uses {use.To}: {use.Where}").Distinct());
    }
}
