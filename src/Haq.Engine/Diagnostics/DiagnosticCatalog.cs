using Haq.Build.Tasks;
namespace Haq.Engine.Diagnostics;

/// <summary>
/// Every error and warning that the engine can report, one line each; a test wants its page under docs/diagnostics.
/// Ranges: 00xx manifest, 01xx data, 02xx hardware and budget, 03xx reading models, 04xx quantization and export, 05xx evaluation, 06xx search,
/// 07xx training, 08xx the machine, cache, lock file and build, 09xx checks and reports; 1xxx are the warnings of the same areas (10xx manifest, 11xx data, …).
/// </summary>
public static class DiagnosticCatalog
{
    // 00xx: YAML and the manifest
    /// <summary>Not well-formed YAML.</summary>
    public static readonly DiagnosticDescriptor YamlSyntax = new("HAQ0001", "The file is not well-formed YAML", ExitCode.Usage);

    /// <summary>A key that does not exist.</summary>
    public static readonly DiagnosticDescriptor UnknownKey = new("HAQ0002", "Unknown key", ExitCode.Usage);

    /// <summary>A key that must be there is not.</summary>
    public static readonly DiagnosticDescriptor MissingKey = new("HAQ0003", "A required key is missing", ExitCode.Usage);

    /// <summary>A value of the wrong form, or out of range.</summary>
    public static readonly DiagnosticDescriptor InvalidValue = new("HAQ0004", "A value has the wrong form or is out of range", ExitCode.Usage);

    /// <summary>The same key twice.</summary>
    public static readonly DiagnosticDescriptor DuplicateKey = new("HAQ0005", "A key is given twice", ExitCode.Usage);

    /// <summary>The manifest cannot be read.</summary>
    public static readonly DiagnosticDescriptor ManifestUnreadable = new("HAQ0006", "The manifest cannot be read", ExitCode.Usage);

    /// <summary>Neither a budget nor bits.</summary>
    public static readonly DiagnosticDescriptor NoGoal = new("HAQ0007", "Nothing bounds the cost", ExitCode.Usage);

    /// <summary>A search strategy that does not exist.</summary>
    public static readonly DiagnosticDescriptor UnknownStrategy = new("HAQ0008", "Unknown search strategy", ExitCode.Usage);

    /// <summary>A manifest would be overwritten.</summary>
    public static readonly DiagnosticDescriptor ManifestExists = new("HAQ0009", "There is a manifest already", ExitCode.Usage);

    /// <summary>A word of the manifest that this version does not act on.</summary>
    public static readonly DiagnosticDescriptor NotBuilt = new("HAQ0010", "The setting is not built yet", ExitCode.Usage);

    /// <summary>Two settings exclude each other.</summary>
    public static readonly DiagnosticDescriptor SettingsConflict = new("HAQ0011", "Two settings exclude each other", ExitCode.Usage);

    // 01xx: data
    /// <summary>A data file cannot be read.</summary>
    public static readonly DiagnosticDescriptor DataUnreadable = new("HAQ0101", "A data file cannot be read", ExitCode.Usage);

    /// <summary>A data file is damaged, or not of its format.</summary>
    public static readonly DiagnosticDescriptor DataDamaged = new("HAQ0102", "A data file is damaged, or not of its format", ExitCode.Usage);

    /// <summary>Samples do not have the shape of the model's input.</summary>
    public static readonly DiagnosticDescriptor DataShape = new("HAQ0103", "The data does not fit the model's input", ExitCode.Usage);

    /// <summary>Labels are missing, out of range, or not as many as samples.</summary>
    public static readonly DiagnosticDescriptor DataLabels = new("HAQ0104", "The labels do not fit", ExitCode.Usage);

    /// <summary>No samples.</summary>
    public static readonly DiagnosticDescriptor DataEmpty = new("HAQ0105", "A data set is empty", ExitCode.Usage);

    /// <summary>A value that the model cannot take.</summary>
    public static readonly DiagnosticDescriptor DataValue = new("HAQ0106", "A sample holds a value that the model cannot take", ExitCode.Usage);

    /// <summary>The manifest does not say enough about a data file.</summary>
    public static readonly DiagnosticDescriptor DataUndescribed = new("HAQ0107", "A data file needs more description", ExitCode.Usage);

    /// <summary>It is not clear which array feeds which input.</summary>
    public static readonly DiagnosticDescriptor DataInputs = new("HAQ0108", "Arrays and the model's inputs do not match", ExitCode.Usage);

    /// <summary>Images that cannot be decoded.</summary>
    public static readonly DiagnosticDescriptor DataImages = new("HAQ0109", "Images cannot be decoded", ExitCode.Usage);

    /// <summary>No data, where some is needed.</summary>
    public static readonly DiagnosticDescriptor DataMissing = new("HAQ0110", "No data", ExitCode.Usage);

    /// <summary>Images that were left out.</summary>
    public static readonly DiagnosticDescriptor ImagesLeftOut = new("HAQ1101", "Unreadable images were left out", ExitCode.Ok);

    // 02xx: hardware and budget
    /// <summary>Neither a built-in target nor a hardware file.</summary>
    public static readonly DiagnosticDescriptor UnknownHardware = new("HAQ0201", "Unknown hardware", ExitCode.Usage);

    /// <summary>A hardware file, or a file that it names, cannot be read.</summary>
    public static readonly DiagnosticDescriptor HardwareUnreadable = new("HAQ0202", "A hardware file cannot be read", ExitCode.Usage);

    /// <summary>A budget that no policy meets.</summary>
    public static readonly DiagnosticDescriptor BudgetInfeasible = new("HAQ0203", "No choice of bits meets the budget", ExitCode.Usage);

    /// <summary>A budget on something that the target does not model.</summary>
    public static readonly DiagnosticDescriptor BudgetNotModelled = new("HAQ0204", "The hardware does not model what the budget limits", ExitCode.Usage);

    /// <summary>Widths that the target cannot compute with, not even rounded up.</summary>
    public static readonly DiagnosticDescriptor BitsUnsupported = new("HAQ0205", "The hardware cannot compute with these bits", ExitCode.Usage);

    /// <summary>A layer or a sum that does not fit 64 bits.</summary>
    public static readonly DiagnosticDescriptor CostOverflow = new("HAQ0206", "A cost is too large to count", ExitCode.Usage);

    /// <summary>Measured figures are for one batch.</summary>
    public static readonly DiagnosticDescriptor BatchNotMeasured = new("HAQ0207", "The hardware was measured with another batch", ExitCode.Usage);

    /// <summary>A measured table lacks entries.</summary>
    public static readonly DiagnosticDescriptor TableIncomplete = new("HAQ0208", "The measured table lacks entries", ExitCode.Usage);

    /// <summary>A policy file that does not fit.</summary>
    public static readonly DiagnosticDescriptor PolicyMismatch = new("HAQ0209", "The policy is for other layers", ExitCode.Usage);

    /// <summary>A policy file that cannot be opened.</summary>
    public static readonly DiagnosticDescriptor PolicyUnreadable = new("HAQ0210", "The policy file cannot be read", ExitCode.Usage);

    /// <summary>Words on the command line that are not widths.</summary>
    public static readonly DiagnosticDescriptor BitsSyntax = new("HAQ0211", "Not a width or a pair of widths", ExitCode.Usage);

    /// <summary>Words on the command line that are not a shape.</summary>
    public static readonly DiagnosticDescriptor ShapeSyntax = new("HAQ0212", "Not the shape of an input", ExitCode.Usage);

    /// <summary>The model changed since the policy was made.</summary>
    public static readonly DiagnosticDescriptor PolicyOfOtherModel = new("HAQ1201", "The policy was made for another version of the model", ExitCode.Ok);

    /// <summary>Stored widths that are computed wider.</summary>
    public static readonly DiagnosticDescriptor BitsRounded = new("HAQ1202", "Widths are rounded up for compute", ExitCode.Ok);

    /// <summary>Layers that take longer in int8 than in float32 where they were timed.</summary>
    public static readonly DiagnosticDescriptor QuantizingIsSlower = new("HAQ1203", "Quantizing makes layers slower", ExitCode.Ok);

    /// <summary>A target that does not exist.</summary>
    public static readonly DiagnosticDescriptor UnknownTarget = new("HAQ0221", "Unknown target", ExitCode.Usage);

    /// <summary>A target file that cannot be read.</summary>
    public static readonly DiagnosticDescriptor TargetUnreadable = new("HAQ0222", "The target file cannot be read", ExitCode.Usage);

    /// <summary>A target file names a rule that there is not.</summary>
    public static readonly DiagnosticDescriptor UnknownRule = new("HAQ0223", "Unknown rule in a target file", ExitCode.Usage);

    /// <summary>Rules of a target file that nothing can keep together.</summary>
    public static readonly DiagnosticDescriptor ImpossibleRule = new("HAQ0224", "Rules of a target exclude each other", ExitCode.Usage);

    /// <summary>No list of probes where one should be.</summary>
    public static readonly DiagnosticDescriptor BundleUnreadable = new("HAQ0231", "The bundle of probes cannot be read", ExitCode.Usage);

    /// <summary>Probes of a bundle have no time.</summary>
    public static readonly DiagnosticDescriptor ProbesMissing = new("HAQ0232", "Probes have no measured time", ExitCode.Usage);

    /// <summary>A file of times that is none.</summary>
    public static readonly DiagnosticDescriptor TimesUnreadable = new("HAQ0233", "Measured times cannot be read", ExitCode.Usage);

    /// <summary>Times of probes that the bundle does not have.</summary>
    public static readonly DiagnosticDescriptor ForeignTimes = new("HAQ0234", "Times or a bundle of another model", ExitCode.Usage);

    /// <summary>The command that measures on a device failed.</summary>
    public static readonly DiagnosticDescriptor DeviceFailed = new("HAQ0235", "Measuring on the device failed", ExitCode.Machine);

    /// <summary>A command line for a device that cannot be used.</summary>
    public static readonly DiagnosticDescriptor DeviceCommandWrong = new("HAQ0236", "The command for the device cannot be used", ExitCode.Usage);

    /// <summary>Parameters that explain the times no better than a constant.</summary>
    public static readonly DiagnosticDescriptor FitRefused = new("HAQ0237", "The fit is refused", ExitCode.Usage);

    /// <summary><c>search: {measure: top N}</c> without what it needs.</summary>
    public static readonly DiagnosticDescriptor LoopIncomplete = new("HAQ0238", "Candidates cannot be measured on the device as things are", ExitCode.Usage);

    // 03xx: reading models
    /// <summary>There is no file at the model's path, or it cannot be opened.</summary>
    public static readonly DiagnosticDescriptor ModelNotFound = new("HAQ0301", "The model file cannot be opened", ExitCode.Model);

    /// <summary>The bytes are not an ONNX model, or end too early.</summary>
    public static readonly DiagnosticDescriptor NotOnnx = new("HAQ0302", "The file is not a complete ONNX model", ExitCode.Model);

    /// <summary>The model has no graph, no nodes or no outputs.</summary>
    public static readonly DiagnosticDescriptor EmptyGraph = new("HAQ0303", "The model's graph is empty", ExitCode.Model);

    /// <summary>Weights kept in another file are missing, too short, or outside the model's folder.</summary>
    public static readonly DiagnosticDescriptor ExternalData = new("HAQ0304", "The model's external data cannot be read", ExitCode.Model);

    /// <summary>The graph contradicts itself.</summary>
    public static readonly DiagnosticDescriptor InvalidGraph = new("HAQ0305", "The model's graph is not valid", ExitCode.Model);

    /// <summary>The operator set is too old, too new, or cannot be raised.</summary>
    public static readonly DiagnosticDescriptor UnsupportedOpset = new("HAQ0306", "The model's operator set is not supported", ExitCode.Model);

    /// <summary>A tensor's shape cannot be worked out.</summary>
    public static readonly DiagnosticDescriptor UnknownShape = new("HAQ0307", "A tensor's shape cannot be worked out", ExitCode.Model);

    /// <summary>No layer can be quantized.</summary>
    public static readonly DiagnosticDescriptor NothingToQuantize = new("HAQ0308", "The model has nothing to quantize", ExitCode.Model);

    /// <summary>The model cannot be written.</summary>
    public static readonly DiagnosticDescriptor ModelNotWritten = new("HAQ0309", "The model cannot be written", ExitCode.Machine);

    /// <summary>ONNX Runtime does not accept the model.</summary>
    public static readonly DiagnosticDescriptor RuntimeRefused = new("HAQ0310", "ONNX Runtime refuses the model", ExitCode.Model);

    /// <summary>ONNX Runtime failed while it ran the model.</summary>
    public static readonly DiagnosticDescriptor RuntimeFailed = new("HAQ0311", "ONNX Runtime failed while running the model", ExitCode.Model);

    /// <summary>The model is quantized already.</summary>
    public static readonly DiagnosticDescriptor AlreadyQuantized = new("HAQ0312", "The model is quantized already", ExitCode.Model);

    /// <summary>The model that is quantized computes something else than the one that was read.</summary>
    public static readonly DiagnosticDescriptor PreparationChanged = new("HAQ0313", "Preparing the model changed what it computes", ExitCode.Model);

    /// <summary>ONNX Runtime's default session computes something else than the file says.</summary>
    public static readonly DiagnosticDescriptor DefaultSessionDiffers = new("HAQ0314", "ONNX Runtime's default session changes the exported file", ExitCode.Model);

    /// <summary>The same, and the manifest takes it.</summary>
    public static readonly DiagnosticDescriptor DefaultSessionAccepted = new("HAQ1301", "ONNX Runtime's default session changes the exported file, as accepted", ExitCode.Ok);

    /// <summary>A model that should be in QDQ form is not.</summary>
    public static readonly DiagnosticDescriptor NotQdq = new("HAQ0321", "The model is not in QDQ form", ExitCode.Model);

    /// <summary>An operator of integers stands for no operator of reals between pairs.</summary>
    public static readonly DiagnosticDescriptor NoPairForm = new("HAQ0322", "An integer operator cannot be written in QDQ form", ExitCode.Model);

    // 04xx: quantization and export
    /// <summary>Weights of an element type that is not quantized, or that are not finite.</summary>
    public static readonly DiagnosticDescriptor UnsupportedWeights = new("HAQ0401", "The weights cannot be quantized", ExitCode.Model);

    /// <summary>The float model computes infinities or NaN on the calibration data.</summary>
    public static readonly DiagnosticDescriptor NotFinite = new("HAQ0402", "Activations are not finite", ExitCode.Model);

    /// <summary>The quantized network cannot be written in the form asked for.</summary>
    public static readonly DiagnosticDescriptor NotExportable = new("HAQ0403", "The format cannot say what was asked for", ExitCode.Usage);

    /// <summary>An output differs from the float network's, and nothing that was asked for explains it.</summary>
    public static readonly DiagnosticDescriptor OutputLost = new("HAQ0404", "An output is far from the float model's", ExitCode.CheckFailed);

    /// <summary>Sums of products that 32 bits may not hold.</summary>
    public static readonly DiagnosticDescriptor AccumulatorOverflow = new("HAQ1401", "A 32-bit accumulator may overflow", ExitCode.Ok);

    /// <summary>A bias that 32 bits do not hold in units of input scale and weight scale.</summary>
    public static readonly DiagnosticDescriptor BiasNotInteger = new("HAQ1402", "A bias stays in floating point", ExitCode.Ok);

    /// <summary>An output differs from the float network's, which was asked for or accepted.</summary>
    public static readonly DiagnosticDescriptor OutputFarFromFloat = new("HAQ1403", "An output is far from the float model's, as asked for or accepted", ExitCode.Ok);

    /// <summary>Layers or tensors that 8 bits would ruin are wider.</summary>
    public static readonly DiagnosticDescriptor LeftWider = new("HAQ1404", "Layers or tensors were left wider", ExitCode.Ok);

    /// <summary>Nodes of the exported file that its target does not run.</summary>
    public static readonly DiagnosticDescriptor TargetLeavesNodes = new("HAQ1421", "The target does not run all of the network", ExitCode.Ok);

    /// <summary>A converted model has tensors with new grids, and no data was given to choose them by.</summary>
    public static readonly DiagnosticDescriptor RangesGuessed = new("HAQ1422", "Ranges were guessed from random inputs", ExitCode.Ok);

    /// <summary>16 bits everywhere would keep outputs closer to float.</summary>
    public static readonly DiagnosticDescriptor BelowWide = new("HAQ1431", "Activations of 16 bits throughout are closer to float", ExitCode.Ok);

    // 05xx: evaluation
    /// <summary>The output to compare does not exist, or cannot be compared.</summary>
    public static readonly DiagnosticDescriptor UnknownOutput = new("HAQ0501", "No such output to evaluate", ExitCode.Usage);

    /// <summary>An output has no row per sample.</summary>
    public static readonly DiagnosticDescriptor OutputNotPerSample = new("HAQ0502", "An output is not per sample", ExitCode.Usage);

    /// <summary>Sensitivity scores need gradients that an operator does not have.</summary>
    public static readonly DiagnosticDescriptor NoGradient = new("HAQ0503", "A layer's gradient cannot be had", ExitCode.Model);

    /// <summary>The float model's classes have nothing to do with the labels.</summary>
    public static readonly DiagnosticDescriptor FloatAtChance = new("HAQ0504", "The float model is at chance level on this data", ExitCode.Usage);

    /// <summary>The same where the manifest asks for a warning.</summary>
    public static readonly DiagnosticDescriptor FloatAtChanceAccepted = new("HAQ1804", "The float model is at chance level on this data, which was accepted", ExitCode.Ok);

    /// <summary>Outputs are nearly the same whatever the sample.</summary>
    public static readonly DiagnosticDescriptor OutputsIgnoreInput = new("HAQ1801", "The model's outputs hardly depend on the data", ExitCode.Ok);

    /// <summary>Most values of the inputs are one and the same, or at the ends of their range.</summary>
    public static readonly DiagnosticDescriptor InputsSaturated = new("HAQ1802", "The inputs are saturated", ExitCode.Ok);

    /// <summary>The first layer sees other statistics than its batch normalization was trained with.</summary>
    public static readonly DiagnosticDescriptor InputsUnlikeTraining = new("HAQ1803", "The inputs are unlike what the model was trained on", ExitCode.Ok);

    // 15xx: times that are measured
    /// <summary>A profile lacks nodes.</summary>
    public static readonly DiagnosticDescriptor ProfileIncomplete = new("HAQ1501", "A profile lacks nodes", ExitCode.Ok);

    /// <summary>Nothing was faster than float.</summary>
    public static readonly DiagnosticDescriptor NothingFaster = new("HAQ1502", "No choice was faster than float", ExitCode.Ok);

    /// <summary>The machine is too noisy to decide.</summary>
    public static readonly DiagnosticDescriptor TimingsTooNoisy = new("HAQ1503", "The machine is too noisy to decide", ExitCode.Ok);

    /// <summary>Built for another processor.</summary>
    public static readonly DiagnosticDescriptor MeasuredElsewhere = new("HAQ1504", "The choice was measured on another processor", ExitCode.Ok);

    // 06xx: search
    /// <summary>A rule under layers: names no layer.</summary>
    public static readonly DiagnosticDescriptor UnknownLayer = new("HAQ0602", "No layer has that name", ExitCode.Usage);

    /// <summary>A layer is left without any bit-width to choose.</summary>
    public static readonly DiagnosticDescriptor NoChoice = new("HAQ0603", "A layer has no bit-width to choose from", ExitCode.Usage);

    /// <summary>No policy keeps all limits at once.</summary>
    public static readonly DiagnosticDescriptor NothingAffordable = new("HAQ0604", "No policy is within the budget", ExitCode.Usage);

    /// <summary>A saved agent cannot be used.</summary>
    public static readonly DiagnosticDescriptor AgentUnreadable = new("HAQ0605", "The saved agent cannot be used", ExitCode.Usage);

    /// <summary>No measured policy is within the accuracy limit.</summary>
    public static readonly DiagnosticDescriptor AccuracyOutOfReach = new("HAQ0606", "No policy found keeps the accuracy limit", ExitCode.CheckFailed);

    /// <summary>A strategy cannot pursue an objective.</summary>
    public static readonly DiagnosticDescriptor ObjectiveUnsupported = new("HAQ0607", "The strategy cannot pursue the objective", ExitCode.Usage);

    /// <summary>The manifest asks for a width that the hardware does not compute with.</summary>
    public static readonly DiagnosticDescriptor WidthNotSupported = new("HAQ0608", "The hardware lacks a width", ExitCode.Usage);

    /// <summary>A quantized model that cannot be taken into another dialect.</summary>
    public static readonly DiagnosticDescriptor NotConvertible = new("HAQ0611", "The model cannot be converted", ExitCode.Model);

    // 07xx: training
    /// <summary>An input's extent is free and was not given.</summary>
    public static readonly DiagnosticDescriptor UnknownInputExtent = new("HAQ0701", "The shape of an input is not known", ExitCode.Model);

    /// <summary>The graph fixes how many samples go through at once.</summary>
    public static readonly DiagnosticDescriptor FixedBatch = new("HAQ0702", "The batch of the graph is fixed", ExitCode.Model);

    /// <summary>No weight of the network can be trained.</summary>
    public static readonly DiagnosticDescriptor NothingToTrain = new("HAQ0703", "Nothing can be trained", ExitCode.Model);

    /// <summary>Cross-entropy without labels.</summary>
    public static readonly DiagnosticDescriptor LabelsMissing = new("HAQ0704", "The loss needs labels", ExitCode.Usage);

    /// <summary>Fewer samples than a batch.</summary>
    public static readonly DiagnosticDescriptor TrainingSetTooSmall = new("HAQ0705", "The training set is smaller than a batch", ExitCode.Usage);

    /// <summary>NaN or infinity in a training sample.</summary>
    public static readonly DiagnosticDescriptor NonFiniteTrainingData = new("HAQ0706", "The training data is not finite", ExitCode.Usage);

    /// <summary>A checkpoint that does not fit is not used.</summary>
    public static readonly DiagnosticDescriptor CheckpointIgnored = new("HAQ1701", "A checkpoint belongs to another run", ExitCode.Ok);

    /// <summary>Layers behind an operator without a gradient keep their weights.</summary>
    public static readonly DiagnosticDescriptor PartlyTrained = new("HAQ1702", "A part of the network is not trained", ExitCode.Ok);

    /// <summary>The rate was halved.</summary>
    public static readonly DiagnosticDescriptor TrainingRetried = new("HAQ1703", "Training diverged and was retried", ExitCode.Ok);

    /// <summary>No epoch was better than the start.</summary>
    public static readonly DiagnosticDescriptor FineTuneKeptNothing = new("HAQ1704", "Fine-tuning did not help", ExitCode.Ok);

    /// <summary>Training diverges even at low rates.</summary>
    public static readonly DiagnosticDescriptor TrainingStopped = new("HAQ1705", "Training diverged and was stopped", ExitCode.Ok);

    /// <summary>A block's rounding cannot be learned.</summary>
    public static readonly DiagnosticDescriptor BlockNotReconstructed = new("HAQ1711", "A block keeps its second-order rounding", ExitCode.Ok);

    // 08xx: the machine, cache, lock file and build
    /// <summary>An output or the cache cannot be written.</summary>
    public static readonly DiagnosticDescriptor CannotWrite = new(TaskDiagnostics.CannotWrite, "A file cannot be written", ExitCode.Machine);

    /// <summary>haq.lock.json cannot be read.</summary>
    public static readonly DiagnosticDescriptor LockUnreadable = new("HAQ0802", "The lock file cannot be read", ExitCode.Usage);

    /// <summary>A locked build found that the lock file is out of date.</summary>
    public static readonly DiagnosticDescriptor LockOutOfDate = new("HAQ0803", "The lock file is out of date", ExitCode.CheckFailed);

    /// <summary>A locked build found no lock file.</summary>
    public static readonly DiagnosticDescriptor LockMissing = new("HAQ0804", "There is no lock file", ExitCode.CheckFailed);

    /// <summary>A file that the build reads is missing, and neither lock file nor cache can stand in for it.</summary>
    public static readonly DiagnosticDescriptor InputMissing = new("HAQ0805", "A file that the build reads is missing", ExitCode.Usage);

    /// <summary>An input was written to while it was read.</summary>
    public static readonly DiagnosticDescriptor InputChanged = new("HAQ0806", "An input changed while it was read", ExitCode.Usage);

    /// <summary>The machine failed while reading or writing.</summary>
    public static readonly DiagnosticDescriptor InputOutput = new("HAQ0807", "Reading or writing failed", ExitCode.Machine);


    /// <summary>No .NET runtime on this machine runs the engine; told by the MSBuild task.</summary>
    public static readonly DiagnosticDescriptor RuntimeMissing = new(TaskDiagnostics.RuntimeMissing, "The .NET runtime that the engine needs is missing", ExitCode.Machine);

    /// <summary>No native library of ONNX Runtime for this machine.</summary>
    public static readonly DiagnosticDescriptor PlatformUnsupported = new(TaskDiagnostics.PlatformUnsupported, "ONNX Runtime does not run on this machine", ExitCode.Machine);

    /// <summary>A defect of the engine, or its death.</summary>
    public static readonly DiagnosticDescriptor EngineDefect = new(TaskDiagnostics.EngineDefect, "The engine failed", ExitCode.Machine);

    /// <summary>Two manifests of one project, one output.</summary>
    public static readonly DiagnosticDescriptor OutputClash = new("HAQ0884", "Two manifests write the same output", ExitCode.Usage);

    /// <summary>Two projects' files go to one place in the output folder; told by the MSBuild task.</summary>
    public static readonly DiagnosticDescriptor TargetClash = new(TaskDiagnostics.TargetClash, "Two projects put a file at the same place", ExitCode.Ok);

    /// <summary>The engine was told to stop while the build went on.</summary>
    public static readonly DiagnosticDescriptor EngineStopped = new(TaskDiagnostics.EngineStopped, "The engine was stopped from outside", ExitCode.Machine);

    /// <summary>No project or solution, or no SDK to read it with.</summary>
    public static readonly DiagnosticDescriptor NoProject = new("HAQ0885", "There is no project to look at", ExitCode.Usage);

    /// <summary>MSBuild's own complaint about a project.</summary>
    public static readonly DiagnosticDescriptor ProjectInvalid = new("HAQ0886", "MSBuild cannot evaluate the project", ExitCode.Usage);

    // 09xx: checks and reports
    /// <summary>A file given as a report is none, or damaged.</summary>
    public static readonly DiagnosticDescriptor UnreadableReport = new("HAQ0901", "The report cannot be read", ExitCode.Usage);

    /// <summary>The model is slower than its latency budget.</summary>
    public static readonly DiagnosticDescriptor LatencyGate = new("HAQ0902", "The latency budget is broken", ExitCode.CheckFailed);

    /// <summary>The model needs more energy than its budget.</summary>
    public static readonly DiagnosticDescriptor EnergyGate = new("HAQ0903", "The energy budget is broken", ExitCode.CheckFailed);

    /// <summary>The model is larger than its size budget.</summary>
    public static readonly DiagnosticDescriptor SizeGate = new("HAQ0904", "The size budget is broken", ExitCode.CheckFailed);

    /// <summary>The file is larger than a size that was given for what the target stores, or than was accepted.</summary>
    public static readonly DiagnosticDescriptor FileLarger = new("HAQ1904", "The file is larger than the size that was given", ExitCode.Ok);

    /// <summary>The model lost more accuracy than it may.</summary>
    public static readonly DiagnosticDescriptor AccuracyGate = new("HAQ0905", "The accuracy gate is broken", ExitCode.CheckFailed);

    /// <summary>The model lost more accuracy than it may, but not beyond doubt, or it was accepted.</summary>
    public static readonly DiagnosticDescriptor AccuracyGateDoubtful = new("HAQ1905", "The accuracy limit is exceeded, within doubt or as accepted", ExitCode.Ok);

    /// <summary>The model is worse than the one of the baseline report.</summary>
    public static readonly DiagnosticDescriptor BaselineRegression = new("HAQ0906", "The model is worse than its baseline", ExitCode.CheckFailed);

    /// <summary>A bound is set on a figure that the report does not hold.</summary>
    public static readonly DiagnosticDescriptor UncheckedGate = new("HAQ0907", "A budget cannot be checked", ExitCode.CheckFailed);

    /// <summary>Nodes that a target leaves to the host.</summary>
    public static readonly DiagnosticDescriptor NodeFallsBack = new("HAQ0921", "A node falls back to the host", ExitCode.CheckFailed);

    /// <summary>Nodes that a target refuses.</summary>
    public static readonly DiagnosticDescriptor NodeRefused = new("HAQ0922", "The target refuses a node", ExitCode.CheckFailed);

    /// <summary>Nodes that run otherwise than the target's documents advise.</summary>
    public static readonly DiagnosticDescriptor NodeNoted = new("HAQ1921", "The target's documents advise otherwise", ExitCode.Ok);

    /// <summary>An allowance that no node needs.</summary>
    public static readonly DiagnosticDescriptor UnusedAllowance = new("HAQ1922", "An allowance is not needed", ExitCode.Ok);

    /// <summary>Another usual way to read the data suits the float model better.</summary>
    public static readonly DiagnosticDescriptor ReadsBetter = new("HAQ1923", "The float model knows the data better when it is read otherwise", ExitCode.Ok);

    /// <summary>A build ended early, and somebody wanted it to.</summary>
    public static readonly DiagnosticDescriptor BuildStopped = new("HAQ1924", "The build of a model was stopped", ExitCode.Ok);

    /// <summary>The lock file is where nobody may write.</summary>
    public static readonly DiagnosticDescriptor LockNotWritten = new("HAQ1925", "The lock file cannot be written", ExitCode.Ok);

    /// <summary>Times that may be in other units than their neighbours.</summary>
    public static readonly DiagnosticDescriptor UnitsDoubtful = new("HAQ1941", "Measured times may be in different units", ExitCode.Ok);

    /// <summary>Times that differ much from run to run.</summary>
    public static readonly DiagnosticDescriptor DeviceUnsteady = new("HAQ1942", "The device was not steady", ExitCode.Ok);

    /// <summary>Only some probes have an energy.</summary>
    public static readonly DiagnosticDescriptor EnergiesIncomplete = new("HAQ1943", "Energies are not complete", ExitCode.Ok);

    /// <summary>A part of the network has no probe.</summary>
    public static readonly DiagnosticDescriptor PartNotProbed = new("HAQ1944", "A part of the network has no probe", ExitCode.Ok);

    /// <summary>Nobody allowed the build to start the command that measures.</summary>
    public static readonly DiagnosticDescriptor LoopNotAllowed = new("HAQ1945", "The choice was not measured on the device", ExitCode.Ok);

    /// <summary>There is nothing that measuring on the device could decide.</summary>
    public static readonly DiagnosticDescriptor LoopWithoutChoice = new("HAQ1946", "There is nothing to measure on the device", ExitCode.Ok);

    /// <summary>None of the measured candidates keeps the accuracy.</summary>
    public static readonly DiagnosticDescriptor LoopWithoutWinner = new("HAQ1947", "No candidate on the device keeps the accuracy", ExitCode.Ok);

    /// <summary>A setting of the shared cache is wrong.</summary>
    public static readonly DiagnosticDescriptor RemoteCacheInvalid = new("HAQ0960", "A setting of the remote cache is wrong", ExitCode.Usage);

    /// <summary>A command that is about the shared cache could not use it.</summary>
    public static readonly DiagnosticDescriptor RemoteCacheUnusable = new("HAQ0961", "The remote cache cannot be used", ExitCode.CheckFailed);

    /// <summary>The shared cache failed and was left aside.</summary>
    public static readonly DiagnosticDescriptor RemoteCacheAside = new("HAQ1960", "The remote cache is left aside", ExitCode.Ok);

    /// <summary>What the shared cache gave was not what it should be.</summary>
    public static readonly DiagnosticDescriptor RemoteEntryRefused = new("HAQ1961", "An entry of the remote cache was refused", ExitCode.Ok);

    /// <summary>What was made was not sent.</summary>
    public static readonly DiagnosticDescriptor UploadsFailed = new("HAQ1962", "Results were not sent to the remote cache", ExitCode.Ok);

    /// <summary>All of them, by code.</summary>
    public static IReadOnlyList<DiagnosticDescriptor> All { get; } =
        [.. typeof(DiagnosticCatalog).GetFields().Where(f => f.FieldType == typeof(DiagnosticDescriptor))
            .Select(f => (DiagnosticDescriptor)f.GetValue(null)!).OrderBy(d => d.Code, StringComparer.Ordinal)];
}
