using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics.Units;

namespace Haq.Engine.Hardware;

/// <summary>One limit as the user wrote it: absolute, or a factor.</summary>
/// <param name="Quantity">Seconds, joules, bytes, or a factor of the baseline.</param>
/// <param name="Location">Where it was written, for errors.</param>
public sealed record BudgetLimit(Quantity Quantity, SourceLocation? Location = null);
