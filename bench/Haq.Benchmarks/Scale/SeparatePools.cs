using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;

namespace Haq.Benchmarks.Scale;

/// <summary>Workers that share nothing, each with one thread: a policy goes to the one that has it open, otherwise to one that is idle.</summary>
internal sealed class SeparatePools(IReadOnlyList<IScoringPool> workers) : IScoringPool
{
    private readonly bool[] _busy = new bool[workers.Count];

    public int Capacity => workers.Count;

    public async Task<SampleScore[]> ScoreAsync(ScoringWork work, CancellationToken cancellation)
    {
        int worker = Take();
        try
        {
            return await workers[worker].ScoreAsync(work, cancellation);
        }
        finally
        {
            lock (_busy) _busy[worker] = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in workers) await worker.DisposeAsync();
    }

    private int Take()
    {
        lock (_busy)
        {
            int free = Math.Max(0, Array.IndexOf(_busy, false));
            _busy[free] = true;
            return free;
        }
    }
}
