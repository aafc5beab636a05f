using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Benchmarks.Scale.Simulation;

/// <summary>A piece of work on a worker.</summary>
/// <param name="Subject">What is scored on.</param>
/// <param name="Policy">Which policy.</param>
/// <param name="Batches">Which batches, in their order.</param>
/// <param name="BatchEnds">When each of them is done.</param>
/// <param name="Begins">When the worker begins, making the network ready where it has to.</param>
/// <param name="Ready">When that is done.</param>
internal sealed record WorkSpan(string Subject, Policy Policy, ImmutableArray<int> Batches, ImmutableArray<double> BatchEnds, double Begins, double Ready)
{
    /// <summary>When it is done.</summary>
    public double Ends => BatchEnds.Length > 0 ? BatchEnds[^1] : Begins;

    /// <summary>What is left of it where it is ended at this time.</summary>
    public WorkSpan Until(double time)
    {
        if (time <= Begins) return this with { Batches = [], BatchEnds = [] };
        int done = 0;
        while (done < BatchEnds.Length && (done == 0 || BatchEnds[done - 1] < time)) done++;
        return this with { Batches = Batches[..done], BatchEnds = BatchEnds[..done] };
    }

    /// <summary>How much of it was for some of its batches; making the network ready is for all.</summary>
    public double For(Func<int, bool> wanted)
    {
        double seconds = 0;
        for (int i = 0; i < Batches.Length; i++)
            if (wanted(Batches[i])) seconds += BatchEnds[i] - (i == 0 ? Ready : BatchEnds[i - 1]);
        return seconds == 0 ? 0 : seconds + Ready - Begins;
    }

    /// <summary>How much of it lies between two times.</summary>
    public double Within(double from, double to) => Math.Max(0, Math.Min(to, Ends) - Math.Max(from, Begins));
}
