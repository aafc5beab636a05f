using Spectre.Console;
using Spectre.Console.Rendering;

namespace Haq.Tool.Matrix;

/// <summary>A line that takes the place of what is drawn over, which it erases first: a longer line than the terminal is wide, or a shorter one than was there, leaves nothing behind.</summary>
internal sealed class ScrolledLine(string text) : Renderable
{
    private const string EraseBelow = "\u001b[J";

    private readonly IRenderable _text = new Text(text);

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        if (options.Ansi) yield return Segment.Control(EraseBelow);
        foreach (var segment in _text.Render(options, maxWidth)) yield return segment;
        yield return Segment.LineBreak;
    }
}
