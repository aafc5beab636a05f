using Haq.Engine.Training;

namespace Haq.Engine.Manifest.Keys;

/// <summary><c>finetune:</c>.</summary>
internal static class FinetuneKeys
{
    private static readonly Key<int> s_epochs = new("epochs", Kinds.Integer(1, 100_000), 1, "1", "passes over the training data");

    private static readonly Key<OptimizerKind> s_optimizer = new("optimizer", Kinds.OneOf<OptimizerKind>(), OptimizerKind.Adam, "adam", "how weights are updated");

    private static readonly Key<double> s_momentum = new("momentum", Kinds.Number(0, 1), 0.9, "0.9", "of sgd");

    private static readonly Key<double> s_decay = new("weight-decay", Kinds.Number(0, 1), 0, "0", "of weights, not of biases");

    private static readonly Key<double> s_rate = new("learning-rate", Kinds.Number(1e-12, 100), 1e-3, "1e-3", "at the start");

    private static readonly Key<RateSchedule> s_schedule = new("schedule", Kinds.OneOf<RateSchedule>(), RateSchedule.Cosine, "cosine", "how the rate moves");

    private static readonly Key<int> s_stepEpochs = new("step-epochs", Kinds.Integer(1, 100_000), 10, "10", "epochs between the steps of 'schedule: step'");

    private static readonly Key<double> s_stepFactor = new("step-factor", Kinds.Number(0, 1), 0.1, "0.1", "the rate's factor at each of them");

    private static readonly Key<int> s_batch = new("batch", Kinds.Integer(1, 65_536), 64, "64", "samples per update");

    private static readonly Key<LossKind> s_loss = new("loss", Kinds.OneOf<LossKind>(), LossKind.Distillation, "distillation",
        "what is made small; distillation and mse learn from the float model and need no labels");

    private static readonly Key<ScaleLearning> s_quantizer = new("quantizer", Kinds.OneOf<ScaleLearning>(), ScaleLearning.Lsq, "lsq", "how gradients pass a quantizer");

    private static readonly Key<FinetuneBatchNorm> s_batchNorm = new("batch-norm", Kinds.OneOf<FinetuneBatchNorm>(), FinetuneBatchNorm.Frozen, "frozen", "what happens to its statistics");

    private static readonly Key<double?> s_clip = new("gradient-clip", Kinds.Optional(Kinds.Number(1e-9, 1e9)), null, "1.0", "the largest norm of all gradients together; by default no limit");

    private static readonly Key<bool> s_flip = new("flip", Kinds.Flag, false, "false", "mirror images at random");

    private static readonly Key<int> s_shift = new("shift", Kinds.Integer(0, 1024), 0, "0", "move images at random by up to so many pixels");

    private static readonly KeyGroup s_augmentGroup = new(s_flip, s_shift);

    private static readonly Key<(bool Flip, int Shift)> s_augment = new(
        "augment", Kinds.Mapping(s_augmentGroup, section => (section.Get(s_flip), section.Get(s_shift))), (false, 0), "{flip: false, shift: 0}",
            "random changes of training images", group: s_augmentGroup);

    public static readonly KeyGroup Group = new(
        s_epochs, s_optimizer, s_momentum, s_decay, s_rate, s_schedule, s_stepEpochs, s_stepFactor, s_batch, s_loss, s_quantizer, s_batchNorm, s_clip, s_augment);

    public static readonly ValueKind<FinetuneSettings?> Kind = Kinds.Mapping<FinetuneSettings?>(Group, section =>
    {
        var (flip, shift) = section.Get(s_augment);
        return new FinetuneSettings(
            section.Get(s_epochs), section.Get(s_optimizer), section.Get(s_momentum), section.Get(s_decay), section.Get(s_rate), section.Get(s_schedule),
            section.Get(s_stepEpochs), section.Get(s_stepFactor), section.Get(s_batch), section.Get(s_loss), section.Get(s_quantizer), section.Get(s_batchNorm),
            section.Get(s_clip), flip, shift, section.Location);
    });
}
