using Mono.Cecil;

namespace Haq.Engine.Tests.Architecture;

/// <summary>A room uses only rooms below it, and a folder inside a room only folders below it.</summary>
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

    // Stages pull each other's results through the workspace.
    private static readonly string[] s_entangled = ["Pipeline", "Quantization"];

    // A room's own level is its hall: every folder may use it, and it may use every folder.
    [Fact]
    public void Folders_of_a_room_use_each_other_in_one_direction()
    {
        var uses = new Dictionary<(string Room, string Folder), Dictionary<string, string>>();
        foreach (var type in Rooms.Types)
        {
            string room = Rooms.RoomOf(type.FullName), folder = Rooms.FolderOf(type.FullName);
            if (folder.Length == 0 || s_entangled.Contains(room)) continue;
            if (!uses.TryGetValue((room, folder), out var others)) uses[(room, folder)] = others = new(StringComparer.Ordinal);
            foreach (var (used, where) in Rooms.UsedTypes(type))
                if (Rooms.RoomOf(used.FullName) == room && Rooms.FolderOf(used.FullName) is { Length: > 0 } other && other != folder) others.TryAdd(other, where);
        }
        Assert.NotEmpty(uses);
        Assert.Empty(uses.Keys.Where(k => Reaches(k.Folder, k.Folder, k.Room, [])).Select(k => $"{k.Room}: {k.Folder} is used by what it uses: {string.Join(", ", uses[k])}"));

        bool Reaches(string from, string to, string room, HashSet<string> seen) =>
            uses.TryGetValue((room, from), out var next) && next.Keys.Any(n => n == to || (seen.Add(n) && Reaches(n, to, room, seen)));
    }
}
