using Haq.Engine.Hardware;

namespace Haq.Engine.Reporting.Html;

/// <summary>How a bound looks: never by colour alone, but also by fill pattern (bars) and shape (points).</summary>
internal static class BoundStyle
{
    /// <summary>What a layer is, as a clause.</summary>
    public static string Clause(Bound bound) => bound == Bound.Unknown ? "bound not known" : $"bound by {bound.Label()}";

    /// <summary>The class that sets colour and pattern.</summary>
    public static string Class(Bound bound) => bound switch
    {
        Bound.Compute => "b-compute",
        Bound.WeightFetch => "b-weight",
        Bound.ActivationFetch => "b-activation",
        Bound.OutputWrite => "b-output",
        _ => "b-unknown",
    };

    /// <summary>A shape around the origin, about 9 pixels wide.</summary>
    public static Markup Shape(Bound bound) => new(bound switch
    {
        Bound.Compute => "<circle r=\"4.5\"/>",
        Bound.WeightFetch => "<path d=\"M0-5.4L5.2 4.2H-5.2Z\"/>",
        Bound.ActivationFetch => "<path d=\"M-4.2-4.2H4.2V4.2H-4.2Z\"/>",
        Bound.OutputWrite => "<path d=\"M0-5.8L5.8 0L0 5.8L-5.8 0Z\"/>",
        _ => "<path d=\"M-5 0H5M0-5V5\"/>",
    });

    /// <summary>The fill patterns, once per page. Colours come from the style sheet.</summary>
    public static Markup Patterns => new(
        """
        <svg class="defs" width="0" height="0" aria-hidden="true"><defs>
        <pattern id="p-weight" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="b-weight under" width="6" height="6"/><rect class="b-weight over" width="2.6" height="6"/></pattern>
        <pattern id="p-activation" width="5" height="5" patternUnits="userSpaceOnUse"><rect class="b-activation under" width="5" height="5"/><circle class="b-activation over" cx="2.5" cy="2.5" r="1.5"/></pattern>
        <pattern id="p-output" width="5" height="5" patternUnits="userSpaceOnUse"><rect class="b-output under" width="5" height="5"/><rect class="b-output over" width="5" height="2.2"/></pattern>
        </defs></svg>

        """);
}
