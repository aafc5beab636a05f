namespace Haq.Engine.Pipeline.Matrix;

/// <summary>How many cells run at a time.</summary>
/// <param name="Count">At least one.</param>
/// <param name="Why">What allows no more, for people.</param>
public sealed record MatrixJobs(int Count, string Why)
{
    // What the engine and ONNX Runtime take by themselves, and copies of the model with their activations: the most that builds of the tests' networks came to.
    private const long Fixed = 400_000_000, PerModelByte = 4;

    /// <summary>As many as cores have the threads for, and as memory has room for.</summary>
    /// <param name="plan">What is to be built.</param>
    /// <param name="cores">Of this machine.</param>
    /// <param name="memory">Bytes that this process may use.</param>
    public static MatrixJobs Default(MatrixPlan plan, int cores, long memory)
    {
        ArgumentNullException.ThrowIfNull(plan);
        int threads = plan.Cells.IsEmpty ? 1 : plan.Cells[0].Options.Threads;
        int byCores = Math.Max(1, cores / threads), byCells = Math.Max(1, plan.Cells.Length);
        long need = Fixed + PerModelByte * plan.Cells.Select(c => c.Model).Distinct(StringComparer.Ordinal).Select(Bytes).DefaultIfEmpty().Max();
        int byMemory = (int)Math.Clamp(memory / need, 1, int.MaxValue);
        if (byCells <= Math.Min(byCores, byMemory)) return new MatrixJobs(byCells, "as many as there are cells");
        return byMemory < byCores
            ? new MatrixJobs(byMemory, FormattableString.Invariant($"memory has room for {byMemory} of the largest model"))
            : new MatrixJobs(byCores, FormattableString.Invariant($"{cores} cores, {threads} threads a cell"));
    }

    // With external data, which lies in files that begin with the model's name.
    private static long Bytes(string model)
    {
        string? folder = Path.GetDirectoryName(model);
        if (folder is null || !Directory.Exists(folder)) return 0;
        return new DirectoryInfo(folder).EnumerateFiles().Where(f => f.Name.StartsWith(Path.GetFileName(model), StringComparison.Ordinal)).Sum(f => f.Length);
    }
}
