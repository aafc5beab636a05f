using Haq.Engine.Layers;

namespace Haq.Engine.Search.Ddpg;

/// <summary>Maps the actor's action in [0, 1] to a width, and back.</summary>
internal static class ActionMap
{
    /// <summary>
    /// Consecutive widths: round((max + ½ − (min − ½))·action + min − ½), clamped (HAQ eq. 4); other lists: the action picks in equal parts.
    /// </summary>
    /// <param name="action">In [0, 1].</param>
    /// <param name="widths">Ascending, not empty.</param>
    public static Bitwidth ToBits(double action, ReadOnlySpan<Bitwidth> widths)
    {
        int min = widths[0], max = widths[^1];
        if (max - min + 1 == widths.Length)
            return new Bitwidth(Math.Clamp((int)Math.Round((max + 0.5 - (min - 0.5)) * action + min - 0.5), min, max));
        return widths[Math.Clamp((int)(action * widths.Length), 0, widths.Length - 1)];
    }

    /// <summary>The middle of the actions that map to a width.</summary>
    public static double ToAction(Bitwidth width, ReadOnlySpan<Bitwidth> widths)
    {
        int at = widths.IndexOf(width);
        ArgumentOutOfRangeException.ThrowIfNegative(at, nameof(width));
        return (at + 0.5) / widths.Length;
    }
}
