using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Stages.Opening;

/// <param name="Model">The network that is fed.</param>
/// <param name="Contents">What decides about each set.</param>
/// <param name="Sources">The sets as the manifest names them.</param>
/// <param name="Inputs">What it says about the network's inputs.</param>
/// <param name="Seed">Of every choice among samples.</param>
/// <param name="Output">The output that labels belong to; null for the main one.</param>
/// <param name="ChecksLabels">Labels decide about figures, so that they must be among the output's classes.</param>
/// <param name="Manifest">Where to point when there is no data.</param>
internal sealed record DataInputs(
    Handle<QuantizableModel> Model, ImmutableArray<DataContent> Contents, [property: NoInfluence("its content is in Contents")] DatasetSources Sources, ImmutableArray<InputOptions> Inputs, ulong Seed,
    string? Output, [property: NoInfluence("a check")] bool ChecksLabels, SourceLocation Manifest);

/// <summary>Opens the data sets that the manifest names, matched to the model's inputs.</summary>
internal sealed class DataStage : Stage<DataInputs, DatasetSplit>
{
    public override string Name => "data";

    public override DatasetSplit Run(DataInputs inputs, StageScope scope)
    {
        foreach (var file in inputs.Sources.Files)
        {
            if (File.Exists(file.FullPath) || Directory.Exists(file.FullPath)) continue;
            throw DiagnosticCatalog.InputMissing.Error(file.At,
                $"there is no '{file.Text}' (looked for {file.FullPath}), and neither haq.lock.json nor the cache holds what was made from it. Get the data, or correct the path.");
        }
        var watch = new ListingProgress((message, share) => scope.Report(message, share), scope.Cancellation);
        var model = inputs.Model.Value;
        using var session = new OrtSession(model.Float, new SessionSettings { Threads = 1 });
        string output = inputs.Output ?? model.Float.MainOutput;
        TensorInfo[] fed = [.. session.Inputs.Select(i => WithRank(model, i))];
        var split = Open(fed);
        try
        {
            if (split.Reported.FixedBatch is null && !SeveralSamples.Go(session, split.Reported, output))
            {
                split.Dispose();
                split = Open([.. fed.Select(SeveralSamples.One)]);
            }
            if (inputs.ChecksLabels) CheckLabels(model, output, split);
        }
        catch
        {
            split.Dispose();
            throw;
        }
        foreach (var warning in split.Warnings) scope.Warn(warning);
        return split;

        DatasetSplit Open(IReadOnlyList<TensorInfo> of) => DatasetSplit.Open(inputs.Sources, of, inputs.Inputs, new SeededRandom(inputs.Seed).Fork("data"), inputs.Manifest, watch);
    }

    // ONNX Runtime describes inputs of any rank as it does scalars; the rank that the manifest gave is the one that counts.
    private static TensorInfo WithRank(QuantizableModel model, TensorInfo input)
    {
        bool any = model.View.Inputs.Any(i => i.Name == input.Name && i.Type?.TensorType is { Shape: null });
        return any ? input with { Shape = [.. model.Shapes[input.Name].Shape.Select(_ => -1L)] } : input;
    }

    private static void CheckLabels(QuantizableModel model, string output, DatasetSplit split)
    {
        if (!model.Shapes.TryGet(output, out var type) || type.Rank != 2) return;
        int classes = (int)type.Shape[1];
        foreach (var set in new[] { split.Search, split.Reported, split.Training })
            if (set is not null) LabelRange.Check(set, classes, output);
    }
}
