using Haq.Engine.Data;
using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Subjects;
using Haq.Engine.Quantization;
using Haq.Engine.Training;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <param name="Manifest">What was asked for.</param>
/// <param name="Source">The model as it was read.</param>
/// <param name="ModelDigest">Its SHA-256.</param>
/// <param name="Seed">The seed in force.</param>
/// <param name="Task">The network, what every choice costs, and the goal.</param>
/// <param name="Target">The hardware.</param>
/// <param name="Outcome">The choice.</param>
/// <param name="Exported">The file.</param>
/// <param name="Measured">What is measured on it; null where the data is not here.</param>
/// <param name="IsFull">Everything is measured, however long that takes.</param>
/// <param name="Locked">The lock file whose figures are quoted where the data is not here.</param>
internal sealed record ReportInputs(
    HaqManifest Manifest, Handle<OnnxModel> Source, string ModelDigest, int Seed, SearchTask Task, Handle<HardwareTarget> Target,
        SearchOutcome Outcome, Handle<Exported> Exported, MeasuredInputs? Measured,
    bool IsFull, LockFile? Locked);

/// <param name="Quantizer">What gives every policy its numbers.</param>
/// <param name="Quantized">The network before training.</param>
/// <param name="Tuned">Its training; null where there was none.</param>
/// <param name="Final">What was exported.</param>
/// <param name="Set">Samples that no choice was made on, with the float network's outputs.</param>
/// <param name="Reported">The same samples.</param>
/// <param name="Search">The samples that choices were made on.</param>
/// <param name="Training">What was trained on.</param>
/// <param name="Diagnosis">What layers are looked at with.</param>
/// <param name="Steps">The network as it was before each step of quantization.</param>
/// <param name="Preparation">How the model was made ready.</param>
/// <param name="Float">The model as it was read, as others are compared with it.</param>
internal sealed record MeasuredInputs(
    Handle<PostTrainingQuantizer> Quantizer, Handle<QuantizedModel> Quantized, Handle<FineTuneResult>? Tuned, Handle<QuantizedModel> Final, Handle<EvaluationSet> Set, Handle<IDataset> Reported,
    Handle<IDataset> Search, Handle<IDataset> Training, DiagnosisInputs Diagnosis, StepInputs Steps, Preparation Preparation,
    [property: NoInfluence("it is the source")] Handle<FloatNetwork> Float);

/// <param name="Samples">A part of the search set.</param>
/// <param name="Set">The same with the float network's outputs.</param>
/// <param name="Elsewhere">Workers that measure; null where this process does.</param>
internal sealed record DiagnosisInputs(
    Handle<IDataset> Samples, Handle<EvaluationSet> Set, [property: NoInfluence("figures are the same wherever they are computed")] DiagnosisElsewhere? Elsewhere);

/// <param name="Settings">Which steps are on.</param>
/// <param name="Quantizer">With all of them.</param>
/// <param name="Unsmoothed">Before channels were evened out.</param>
/// <param name="Unequalized">Before equalization too.</param>
/// <param name="Unfolded">Before batch normalization was folded, too.</param>
internal sealed record StepInputs(QuantizationSettings Settings, Handle<PostTrainingQuantizer> Quantizer, StepVariant Unsmoothed, StepVariant Unequalized, StepVariant Unfolded);

/// <param name="Model">The network.</param>
/// <param name="Ranges">Its ranges, without second moments: they are not needed before the last steps.</param>
internal sealed record StepVariant(Handle<QuantizableModel> Model, Handle<Calibration> Ranges);
