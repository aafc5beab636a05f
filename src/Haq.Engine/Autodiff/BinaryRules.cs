using Haq.Engine.Graphs;
using static Haq.Engine.Autodiff.RuleExample;

namespace Haq.Engine.Autodiff;

/// <summary>Elementwise operators of two or more inputs; <see cref="GradientContext.Give"/> undoes the broadcasting.</summary>
internal static class BinaryRules
{
    public static GradientRule[] All { get; } =
    [
        new("Add", c => GiveAll(c, _ => c.Gradient), Same, Stretched, Scalars),
        new("Sub", c =>
        {
            c.Give(0, () => c.Gradient);
            c.Give(1, () => -c.Gradient);
        }, Same, Stretched, Scalars),
        new("Mul", c =>
        {
            c.Give(0, () => c.Gradient * c.Input(1));
            c.Give(1, () => c.Gradient * c.Input(0));
        }, Same, Stretched, Scalars),
        new("Div", c =>
        {
            c.Give(0, () => c.Gradient / c.Input(1));
            c.Give(1, () => -(c.Gradient * c.Y / c.Input(1)));
        }, new([Real(2, 3, 4), Positive(3, 1)]), new([Real(4), Positive(2, 3, 4)])),
        new("Pow", c =>
        {
            c.Give(0, () => c.Gradient * c.Input(1) * c.Graph.Binary("Pow", c.X, c.Input(1) - 1));
            c.Give(1, () => c.Gradient * c.Y * c.Graph.Unary("Log", c.X));
        }, new([Positive(2, 3), Real(2, 3)]), new([Positive(2, 3), Number(2)]), new([Real(2, 3), Number(3)])),
        new("Sum", c => GiveAll(c, _ => c.Gradient), new([Real(2, 3), Real(2, 3), Real(3)]), new([Real(2)])),
        new("Mean", c => GiveAll(c, _ => c.Gradient * (1f / c.InputCount)), new RuleExample([Real(2, 3), Real(2, 3), Real(3)])),
        new("Max", c => Extremum(c, "GreaterOrEqual"), new([Real(2, 3, 4), Real(3, 1)]), new([Real(3, 4), Real(3, 4), Real(4)])),
        new("Min", c => Extremum(c, "LessOrEqual"), new([Real(2, 3, 4), Real(3, 1)]), new([Real(3, 4), Real(3, 4), Real(4)])),
        new("Where", c =>
        {
            c.Give(1, () => c.Graph.Mask(c.Input(0), c.Gradient));
            c.Give(2, () => c.Graph.Where(c.Input(0), c.Graph.Scalar(0), c.Gradient));
        }, new RuleExample([Truth(3, 1), Real(2, 3, 4), Real(4)])),
    ];

    private static RuleExample Same => new([Real(2, 3, 4), Real(2, 3, 4)]);

    private static RuleExample Stretched => new([Real(2, 1, 4), Real(3, 1)]);

    private static RuleExample Scalars => new([Real(2, 3), Real()]);

    private static void GiveAll(GradientContext c, Func<int, Value> gradient)
    {
        for (int i = 0; i < c.InputCount; i++)
        {
            int input = i;
            c.Give(input, () => gradient(input));
        }
    }

    // The first of equal inputs takes the whole gradient: a subgradient, like PyTorch's for max over a dimension.
    private static void Extremum(GradientContext c, string beats)
    {
        Value? taken = null;
        for (int i = 0; i < c.InputCount; i++)
        {
            var wins = c.Graph.Compare(beats, c.Input(i), c.Y);
            var mine = taken is null ? wins : wins & c.Graph.Node("Not", [taken], taken.Shape);
            taken = taken is null ? wins : c.Graph.Compare("Or", taken, wins);
            c.Give(i, () => c.Graph.Mask(mine, c.Gradient));
        }
    }
}
