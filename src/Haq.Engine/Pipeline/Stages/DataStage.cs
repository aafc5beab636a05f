using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Manifest;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Opens the data sets that the manifest names, matched to the model's inputs.</summary>
internal static class DataStage
{
    public static DatasetSplit Run(Workspace workspace)
    {
        var manifest = workspace.Manifest;
        var sources = new DatasetSources(manifest.Data.Calibration, manifest.Data.Search, manifest.Data.Evaluation, manifest.Data.Training);
        foreach (var file in sources.Files)
        {
            if (File.Exists(file.FullPath) || Directory.Exists(file.FullPath)) continue;
            throw DiagnosticCatalog.InputMissing.Error(file.At,
                $"there is no '{file.Text}' (looked for {file.FullPath}), and neither haq.lock.json nor the cache holds what was made from it. Get the data, or correct the path.");
        }
        using var session = new OrtSession(workspace.Model.Float, new SessionSettings { Threads = 1 });
        TensorInfo[] inputs = [.. session.Inputs.Select(i => WithRank(workspace, i))];
        var split = Open(inputs);
        try
        {
            if (split.Reported.FixedBatch is null && !SeveralSamples.Go(session, split.Reported, manifest.Metric.Output ?? workspace.Model.Float.MainOutput))
            {
                split.Dispose();
                split = Open([.. inputs.Select(SeveralSamples.One)]);
            }
            CheckLabels(workspace, split);
            return split;
        }
        catch
        {
            split.Dispose();
            throw;
        }

        DatasetSplit Open(IReadOnlyList<TensorInfo> of) => DatasetSplit.Open(sources, of, manifest.Inputs, workspace.Random.Fork("data"), new SourceLocation(manifest.File, 1, 1));
    }

    // ONNX Runtime describes inputs of any rank as it does scalars; the rank that the manifest gave is the one that counts.
    private static TensorInfo WithRank(Workspace workspace, TensorInfo input)
    {
        bool any = workspace.Model.View.Inputs.Any(i => i.Name == input.Name && i.Type?.TensorType is { Shape: null });
        return any ? input with { Shape = [.. workspace.Model.Shapes[input.Name].Shape.Select(_ => -1L)] } : input;
    }

    private static void CheckLabels(Workspace workspace, DatasetSplit split)
    {
        if (workspace.Manifest.Metric.Kind is not (null or MetricKind.Top1 or MetricKind.Top5)) return;
        string output = workspace.Manifest.Metric.Output ?? workspace.Model.Float.MainOutput;
        if (!workspace.Model.Shapes.TryGet(output, out var type) || type.Rank != 2) return;
        int classes = (int)type.Shape[1];
        foreach (var set in new[] { split.Search, split.Reported, split.Training })
            if (set is not null) LabelRange.Check(set, classes, output);
    }
}
