using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Measures the ranges of activations, or takes them from the cache.</summary>
internal static class CalibrateStage
{
    private const string FileName = "calibration.bin";

    public static Calibrated Run(Workspace workspace)
    {
        var settings = workspace.Manifest.Quantization;
        var key = KeyOf(workspace);
        string folder = workspace.Options.Cache.GetOrCreate(key, dir => Write(workspace, Path.Combine(dir, FileName)), null, workspace.Cancellation);
        using var stream = File.OpenRead(Path.Combine(folder, FileName));
        return new Calibrated(new PostTrainingQuantizer(workspace.Model, CalibrationTable.Read(stream).With(MethodOf(settings.Ranges)), OptionsOf(workspace)), key);
    }

    private static void Write(Workspace workspace, string path)
    {
        var data = workspace.Data.Calibration;
        workspace.Report("calibrate", $"measuring ranges on {data.Count} samples", 0);
        var progress = new Relay<int>(done => workspace.Report("calibrate", $"measured {done} of {data.Count} samples", (double)done / data.Count));
        var table = new Calibrator(workspace.Model, new CalibrationOptions { Method = MethodOf(workspace.Manifest.Quantization.Ranges) }).Run(data, progress, workspace.Cancellation);
        using var stream = File.Create(path);
        table.Write(stream);
    }

    internal static StageKey KeyOf(Workspace workspace)
    {
        using var key = new StageKeyBuilder("calibrate", StageVersions.Calibrate);
        key.Add("model", workspace.ModelDigest).Add("fold", workspace.Manifest.Quantization.FoldBatchNorm.ToString());
        key.Add("seed", workspace.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture));
        key.Add("skipped", string.Join('\n', workspace.Model.Survey.Skipped.Select(s => s.Name)));
        key.Add("data", SettingsDigest.OfData(workspace));
        return key.Build();
    }

    private static WeightOptions OptionsOf(Workspace workspace)
    {
        var settings = workspace.Manifest.Quantization;
        return new()
        {
            SecondOrder = settings.Rounding == Manifest.RoundingMethod.SecondOrder,
            CorrectBias = settings.BiasCorrection,
            Sharing = settings.Weights == Manifest.WeightCoding.Kmeans ? WeightSharing.KMeans : WeightSharing.Linear,
            Seed = (ulong)workspace.Seed,
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
