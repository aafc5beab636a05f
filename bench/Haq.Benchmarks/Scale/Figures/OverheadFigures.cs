using System.Globalization;

namespace Haq.Benchmarks.Scale.Figures;

/// <summary>What it costs to give policies away.</summary>
/// <param name="Network">Which network's.</param>
/// <param name="Policies">How many in a round.</param>
/// <param name="Samples">On how many samples each.</param>
/// <param name="Empty">By a pool whose work takes no time.</param>
/// <param name="Here">Milliseconds of a policy on one thread of the client's process, in each round.</param>
/// <param name="There">The same by a worker of one thread on the same machine.</param>
/// <param name="Client">Milliseconds of processor time in the client for each of those.</param>
internal sealed record OverheadFigures(
    string Network, int Policies, int Samples, IReadOnlyList<EmptyFigure> Empty, IReadOnlyList<double> Here, IReadOnlyList<double> There, IReadOnlyList<double> Client)
{
    /// <summary>What the worker took longer, round by round: the way there and back, and all that is done on it.</summary>
    public IReadOnlyList<double> Longer => [.. There.Zip(Here, (there, here) => there - here)];

    /// <summary>The page's part.</summary>
    public string Page()
    {
        string rows = string.Concat(Empty.Select(e => string.Create(CultureInfo.InvariantCulture, $"| {e.Workers} | {e.Orders:0.0} | {Spread.Of(e.Milliseconds, "0.000")} |\n")));
        return $"""
            | workers whose work takes no time | orders a policy | ms a policy |
            |---|---|---|
            {rows}
            | {Network}, {Policies} policies, {Samples} samples | ms a policy |
            |---|---|
            | on a thread of the client | {Spread.Of(Here)} |
            | by a worker of one thread, another process | {Spread.Of(There)} |
            | longer by | {Spread.Of(Longer)} |
            | processor time in the client | {Spread.Of(Client)} |

            """.ReplaceLineEndings("\n");
    }
}
