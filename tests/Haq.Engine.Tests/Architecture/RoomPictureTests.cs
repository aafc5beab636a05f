namespace Haq.Engine.Tests.Architecture;

/// <summary>The picture in ARCHITECTURE.md is the code's own.</summary>
public sealed class RoomPictureTests
{
    [Fact]
    public void The_picture_is_up_to_date()
    {
        string file = Path.Combine(Repository.Root, "docs", "images", "rooms.svg"), drawn = RoomPicture.Draw();
        if (Environment.GetEnvironmentVariable("HAQ_DRAW_ROOMS") == "1") File.WriteAllText(file, drawn);
        Assert.True(File.Exists(file) && File.ReadAllText(file).ReplaceLineEndings("\n") == drawn, "docs/images/rooms.svg is out of date: run eng/draw-rooms and commit it.");
    }

    [Fact]
    public void The_text_names_every_room()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "ARCHITECTURE.md"));
        Assert.All(Rooms.Floors.SelectMany(f => f), room => Assert.Contains($"\n| `{room}` |", text, StringComparison.Ordinal));
    }
}
