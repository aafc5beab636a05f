using Haq.Engine.Reporting.Html;

namespace Haq.Engine.Tests.Reporting;

public sealed class LabelPlacesTests
{
    [Fact]
    public void The_preferred_side_is_taken_and_the_others_in_turn_until_none_is_left()
    {
        var places = new LabelPlaces(260);
        var found = Enumerable.Range(0, 5).Select(_ => places.Find(0.5, 130, "6 bit", leftFirst: false, aboveFirst: false)).ToArray();
        Assert.Equal([("start", true), ("start", false), ("end", true), ("end", false)], found.Take(4).Select(p => (p!.Anchor, p.Dy > 0)));
        Assert.Null(found[4]);
    }

    [Fact]
    public void Points_texts_and_edges_are_kept_free()
    {
        var places = new LabelPlaces(260);
        Assert.Equal("start", places.Find(0.02, 130, "6 bit", leftFirst: true, aboveFirst: false)!.Anchor);
        Assert.Equal("end", places.Find(0.99, 130, "6 bit", leftFirst: false, aboveFirst: false)!.Anchor);
        Assert.True(places.Find(0.5, 2, "6 bit", leftFirst: false, aboveFirst: true)!.Dy > 0);
        Assert.True(places.Find(0.5, 256, "6 bit", leftFirst: false, aboveFirst: false)!.Dy < 0);
        // A point to the lower right: the label goes above it.
        places.Avoid(0.6, 145);
        Assert.True(places.Find(0.5, 130, "6 bit", leftFirst: false, aboveFirst: false)!.Dy < 0);
        places.Avoid(0.2, 60, "budget", new LabelPlaces.Place(5, 15, "start"));
        Assert.True(places.Find(0.2, 60, "8 bit", leftFirst: false, aboveFirst: false)!.Dy < 0);
    }
}
