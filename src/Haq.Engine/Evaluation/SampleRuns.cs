using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation;

/// <summary>Outputs sample by sample, as many at a time as there are cores: each run is on one thread, so that what it gives depends on neither their number nor chance.</summary>
internal static class SampleRuns
{
    /// <summary>The outputs of the first samples, in order; runs are made as they are asked for.</summary>
    /// <param name="session">Of one thread.</param>
    /// <param name="outputs">Their names.</param>
    /// <param name="data">The samples, one in a run where the model's batch is free.</param>
    /// <param name="samples">How many at most.</param>
    /// <param name="workers">Runs at the same time; null for one per core.</param>
    /// <param name="cancellation">Ends it between two runs.</param>
    /// <exception cref="HaqException">The network fails (HAQ0311), or a sample cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IEnumerable<float[][]> Of(OrtSession session, IReadOnlyCollection<string> outputs, IDataset data, int samples, int? workers, CancellationToken cancellation)
    {
        int count = Math.Min(samples, data.Count), together = Math.Clamp(workers ?? Environment.ProcessorCount, 1, Math.Max(1, count));
        var batches = new List<Batch>();
        try
        {
            for (int i = 0; i < together; i++) batches.Add(new Batch(data, Batches.SizeFor(data, 1)));
            for (int from = 0; from < count; from += together)
            {
                float[][][] values = new float[Math.Min(together, count - from)][][];
                for (int i = 0; i < values.Length; i++) batches[i].Fill(data, [from + i]);
                RunAll(values, i => Run(session, outputs, batches[i]), cancellation);
                foreach (float[][] one in values) yield return one;
            }
        }
        finally
        {
            foreach (var batch in batches) batch.Dispose();
        }
    }

    private static void RunAll(float[][][] values, Func<int, float[][]> run, CancellationToken cancellation)
    {
        try
        {
            Parallel.For(0, values.Length, new ParallelOptions { CancellationToken = cancellation }, i => values[i] = run(i));
        }
        catch (AggregateException e) when (ParallelFailure.Of(e) is HaqException cause)
        {
            throw new HaqException(cause.Diagnostic, cause);
        }
    }

    private static float[][] Run(OrtSession session, IReadOnlyCollection<string> outputs, Batch batch)
    {
        var results = session.Run(batch.ByName, outputs);
        float[][] values = [.. results.Select(r => r.ToFloats())];
        foreach (var result in results) result.Dispose();
        return values;
    }
}
