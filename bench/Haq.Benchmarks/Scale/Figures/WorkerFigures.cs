namespace Haq.Benchmarks.Scale.Figures;

/// <summary>Probing by two threads, however they are put together.</summary>
/// <param name="Network">Which network's.</param>
/// <param name="Policies">How many in a round.</param>
/// <param name="Alone">Seconds of a round by one process that gives each policy both threads.</param>
/// <param name="Apart">By two workers of one thread, each a process.</param>
/// <param name="Together">By one worker of two threads.</param>
internal sealed record WorkerFigures(string Network, int Policies, IReadOnlyList<double> Alone, IReadOnlyList<double> Apart, IReadOnlyList<double> Together)
{
    /// <summary>Throughput of two workers of one thread by that of the process of two, round by round.</summary>
    public IReadOnlyList<double> OfAlone => [.. Alone.Zip(Apart, (one, two) => one / two)];

    /// <summary>The same by that of one worker of two threads.</summary>
    public IReadOnlyList<double> OfTogether => [.. Together.Zip(Apart, (one, two) => one / two)];

    /// <summary>The page's part.</summary>
    public string Page() => $"""
        | {Network}, {Policies} probes | seconds | throughput of two workers against it |
        |---|---|---|
        | no cluster: one process, both threads for a policy | {Spread.Of(Alone)} | {Spread.Of(OfAlone)} |
        | one worker of two threads | {Spread.Of(Together)} | {Spread.Of(OfTogether)} |
        | two workers of one thread | {Spread.Of(Apart)} | 1 |

        """.ReplaceLineEndings("\n");
}
