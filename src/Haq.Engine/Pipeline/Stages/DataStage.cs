using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
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
        var split = DatasetSplit.Open(sources, session.Inputs, manifest.Inputs, workspace.Random.Fork("data"), new SourceLocation(manifest.File, 1, 1));
        try
        {
            CheckLabels(workspace, split);
            return split;
        }
        catch
        {
            split.Dispose();
            throw;
        }
    }

    private static void CheckLabels(Workspace workspace, DatasetSplit split)
    {
        string output = workspace.Manifest.Metric.Output ?? workspace.Model.View.Outputs[0].Name;
        if (!workspace.Model.Shapes.TryGet(output, out var type) || type.Rank != 2) return;
        int classes = (int)type.Shape[1];
        foreach (var set in new[] { split.Search, split.Reported, split.Training })
            if (set is not null) LabelRange.Check(set, classes, output);
    }
}
