using System.Globalization;

namespace Haq.Benchmarks.Scale.Figures;

/// <summary>A search by <c>auto</c> of one network: what it takes on this machine, and on simulated clusters.</summary>
/// <param name="Network">Its name.</param>
/// <param name="Layers">How many layers have a choice or not.</param>
/// <param name="Asked">Different policies that the search asks for.</param>
/// <param name="CoreSeconds">Processor time of all that one worker measures.</param>
/// <param name="Thought">Seconds that the search itself computes.</param>
/// <param name="Ideal">Where an order costs nothing and is there at once.</param>
/// <param name="Real">With what an order costs and how long it is on its way.</param>
internal sealed record NetworkFigures(
    string Network, int Layers, int Asked, double CoreSeconds, double Thought, IReadOnlyList<ReplayFigure> Ideal, IReadOnlyList<ReplayFigure> Real)
{
    /// <summary>That candidates are measured on.</summary>
    public int Samples { get; init; }

    /// <summary>That probes are measured on.</summary>
    public int ProbeSamples { get; init; }

    /// <summary>Seconds of the client for one order.</summary>
    public double OrderSeconds { get; init; }

    /// <summary>Seconds that an order and its answer are on their way.</summary>
    public double TravelSeconds { get; init; }

    /// <summary>What probing takes one worker, which uses what first layers made again, as a share of what it takes one that never does.</summary>
    public double Reuse { get; init; } = 1;

    /// <summary>The page's row of what a search costs.</summary>
    public string CostRow() => string.Create(CultureInfo.InvariantCulture,
        $"| {Network} | {Layers} | {Asked} | {Samples} / {ProbeSamples} | {1000 * CoreSeconds / Asked:0.0} | {CoreSeconds:0.0} | {Thought:0.00} | {Reuse:0.00} |");

    /// <summary>The page's table of simulated clusters.</summary>
    public string Page() => $"""
        ### {Network}

        | workers | seconds | speed-up | busy, probing | busy, all | of it asked for | without loss: seconds | speed-up | busy, probing | busy, all |
        |---|---|---|---|---|---|---|---|---|---|
        {string.Join('\n', Real.Zip(Ideal, Row))}

        """.ReplaceLineEndings("\n");

    /// <summary>The page's table of phases at so many workers, without loss on the way.</summary>
    public string PhasePage(int workers)
    {
        var (one, many) = (Ideal[0], Ideal.First(r => r.Workers == workers));
        return $"| {Network}: phase | seconds, 1 worker | seconds, {workers} workers | busy |\n|---|---|---|---|\n" + string.Concat(many.Phases.Where(p => p.Seconds > 0).Select(Row));

        string Row(PhaseFigure phase) => string.Create(CultureInfo.InvariantCulture,
            $"| {phase.Phase} | {one.Phases.First(o => o.Phase == phase.Phase).Seconds:0.00} | {phase.Seconds:0.000} | {Percent(phase.Busy)} |\n");
    }

    private string Row(ReplayFigure real, ReplayFigure ideal) => string.Create(CultureInfo.InvariantCulture,
        $"| {real.Workers} | {real.Seconds:0.00} | {Real[0].Seconds / real.Seconds:0.0} | {Percent(real.Probing)} | {Percent(real.Busy)} | {Percent(real.Asked)} " +
        $"| {ideal.Seconds:0.00} | {Ideal[0].Seconds / ideal.Seconds:0.0} | {Percent(ideal.Probing)} | {Percent(ideal.Busy)} |");

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} %");
}
