using Haq.Engine.Layers;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Smoothing;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Measures the ranges of activations, or takes them from the cache.</summary>
internal static class CalibrateStage
{
    private const string FileName = "calibration.bin", SmoothingName = "smoothing.bin";

    public static Calibrated Run(Workspace workspace)
    {
        var settings = workspace.Manifest.Quantization;
        var key = KeyOf(workspace);
        string folder = workspace.Options.Cache.GetOrCreate(key, dir => Write(workspace, dir), null, workspace.Cancellation);
        var model = ModelIn(workspace, folder);
        using var stream = File.OpenRead(Path.Combine(folder, FileName));
        var table = CalibrationTable.Read(stream);
        // Choices per tensor were measured and are in the file; any other way is found anew from the histograms.
        if (settings.Ranges != Manifest.RangeMethod.Auto) table = table.With(MethodOf(settings.Ranges), settings.Percentile);
        return new Calibrated(new PostTrainingQuantizer(model, table, OptionsOf(workspace)), key);
    }

    private static void Write(Workspace workspace, string folder)
    {
        var data = workspace.Data.Calibration;
        var settings = workspace.Manifest.Quantization;
        using (var smoothing = File.Create(Path.Combine(folder, SmoothingName)))
            SmoothingFile.Write(Smooths(workspace, settings) ? ActivationSmoothing.Choose(workspace.Model, data, layer => Narrowest(workspace, layer), workspace.Cancellation) : [], smoothing);
        var model = ModelIn(workspace, folder);
        workspace.Report("calibrate", $"measuring ranges on {data.Count} samples", 0);
        var progress = new Relay<int>(done => workspace.Report("calibrate", $"measured {done} of {data.Count} samples", (double)done / data.Count));
        var table = new Calibrator(model).Run(data, progress, workspace.Cancellation);
        if (settings.Ranges == Manifest.RangeMethod.Auto)
        {
            workspace.Report("calibrate", "choosing ranges by the layers that read them");
            table = table.With(RangeMethod.Mse, settings.Percentile, RangeChooser.Choose(model, table, data, workspace.Cancellation));
        }
        using var stream = File.Create(Path.Combine(folder, FileName));
        table.Write(stream);
    }

    private static QuantizableModel ModelIn(Workspace workspace, string folder)
    {
        using var stream = File.OpenRead(Path.Combine(folder, SmoothingName));
        return ActivationSmoothing.Apply(workspace.Model, SmoothingFile.Read(stream));
    }

    // One step for all channels would have to span what the factors pull apart.
    // Weights that changed are held in memory, those of a huge network stay in their file.
    private static bool Smooths(Workspace workspace, Manifest.QuantizationSettings settings) => settings.Smooth && settings.PerChannel && !workspace.Model.Float.IsHuge;

    private static LayerBits Narrowest(Workspace workspace, int layer)
    {
        var choices = workspace.Pricing.Space.ChoicesOf(layer);
        var least = choices[0];
        foreach (var bits in choices) least = new LayerBits(Min(least.Weights, bits.Weights), Min(least.Activations, bits.Activations));
        return least;

        static Bitwidth Min(Bitwidth a, Bitwidth b) => a < b ? a : b;
    }

    /// <summary>The ranges of a model that is prepared in another way, without second moments; cached too.</summary>
    public static CalibrationTable RangesOf(Workspace workspace, QuantizableModel model, Manifest.QuantizationSettings settings)
    {
        var key = KeyOf(workspace, settings with { Ranges = Manifest.RangeMethod.Mse, Smooth = false }, moments: false);
        string folder = workspace.Options.Cache.GetOrCreate(key, dir =>
        {
            workspace.Report("calibrate", "measuring ranges of the network as it was before the last steps");
            var table = new Calibrator(model, new CalibrationOptions { Moments = false }).Run(workspace.Data.Calibration, null, workspace.Cancellation);
            using var written = File.Create(Path.Combine(dir, FileName));
            table.Write(written);
        }, null, workspace.Cancellation);
        using var stream = File.OpenRead(Path.Combine(folder, FileName));
        return CalibrationTable.Read(stream);
    }

    internal static StageKey KeyOf(Workspace workspace) => KeyOf(workspace, workspace.Manifest.Quantization, moments: true);

    private static StageKey KeyOf(Workspace workspace, Manifest.QuantizationSettings settings, bool moments)
    {
        using var key = new StageKeyBuilder("calibrate", StageVersions.Calibrate);
        if (!moments) key.Add("moments", "none");
        key.Add("model", workspace.ModelDigest).Add("fold", settings.FoldBatchNorm.ToString()).Add("equalize", settings.Equalize.ToString());
        if (settings.Ranges == Manifest.RangeMethod.Auto) key.Add("chosen ranges", settings.Percentile.ToString("R", System.Globalization.CultureInfo.InvariantCulture));
        if (Smooths(workspace, settings)) key.Add("smoothed for", string.Join(' ', workspace.Model.Layers.Select(l => Narrowest(workspace, l.Layer.Index))));
        key.Add("seed", workspace.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture));
        key.Add("skipped", string.Join('\n', workspace.Model.Survey.Skipped.Select(s => s.Name)));
        foreach (var junction in workspace.Model.Junctions) key.Add("junction", junction.Tensor);
        foreach (var tensor in workspace.Model.Regions?.Tensors ?? []) key.Add("region", tensor.Name);
        foreach (var tensor in workspace.Model.Tensors) key.Add("tensor", tensor.Name);
        key.Add("data", SettingsDigest.OfData(workspace));
        return key.Build();
    }

    private static WeightOptions OptionsOf(Workspace workspace)
    {
        var settings = workspace.Manifest.Quantization;
        return new()
        {
            PerChannel = settings.PerChannel,
            SecondOrder = settings.Rounding != Manifest.RoundingMethod.Nearest,
            CorrectBias = settings.BiasCorrection,
            Sharing = settings.Weights == Manifest.WeightCoding.Kmeans ? WeightSharing.KMeans : WeightSharing.Linear,
            Seed = (ulong)workspace.Seed,
            Block = settings.Block,
        };
    }

    private static RangeMethod MethodOf(Manifest.RangeMethod method) => method switch
    {
        Manifest.RangeMethod.Max => RangeMethod.Max,
        Manifest.RangeMethod.Kl => RangeMethod.Kl,
        Manifest.RangeMethod.Percentile => RangeMethod.Percentile,
        _ => RangeMethod.Mse,
    };
}
