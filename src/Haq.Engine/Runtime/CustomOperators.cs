using System.Runtime.InteropServices;
using System.Text;
using Haq.Engine.Runtime.Kernels;
using Microsoft.ML.OnnxRuntime;

namespace Haq.Engine.Runtime;

/// <summary>The engine's own operators for ONNX Runtime: kernels in C#, called through function pointers.</summary>
public static unsafe class CustomOperators
{
    private const int Optional = 1, Required = 0, Variadic = 2, Float = 1, Int16 = 5, Int64 = 7, Failed = 1;

    // Adding an operator: a kernel class and a line here.
    private static readonly CustomOperator[] s_operators =
    [
        new("FakeQuantize", 3, 1, a => new FakeQuantizeKernel(a)),
        new("FakeQuantizeGradient", 4, 2, a => new FakeQuantizeGradientKernel(a)),
        new("BoundedGradient", 2, 1, a => new BoundedGradientKernel(a)),
        new("DepthwiseConv", 3, 1, a => new DepthwiseConvKernel(a)) { OptionalLast = true },
        new("DepthwiseConvInputGradient", 2, 1, a => new DepthwiseConvInputGradientKernel(a)),
        new("DepthwiseConvWeightGradient", 2, 1, a => new DepthwiseConvWeightGradientKernel(a)),
        new("DenseConv", 3, 1, a => new DenseConvKernel(a)) { OptionalLast = true },
        new("DenseConvInputGradient", 2, 1, a => new DenseConvInputGradientKernel(a)),
        new("ConvWeightGradient", 2, 1, a => new ConvWeightGradientKernel(a)),
        new(IntegerConvKernel.Name, 7, 1, a => new IntegerConvKernel(a)) { OptionalLast = true, ShortInput = 3 },
        new("MaxPoolGradient", 2, 1, a => new MaxPoolGradientKernel(a)) { IntegerInput = 1 },
        new("GlobalPoolGradient", 1, 1, a => new GlobalPoolGradientKernel(a)),
        new("SoftmaxDivergence", 2, 2, _ => new SoftmaxDivergenceKernel()),
        new("BatchNormTraining", 3, 3, a => new BatchNormTrainingKernel(a)),
        new("BatchNormTrainingGradient", 6, 3, a => new BatchNormTrainingGradientKernel(a)) { OptionalLast = true },
        new("OptimizerStep", 1, 1, a => new OptimizerStepKernel(a)) { Variadic = true },
    ];

    private static readonly Lazy<nint> s_domain = new(CreateDomain);

    /// <summary>The operators' names.</summary>
    internal static IEnumerable<string> Names => s_operators.Select(o => o.Name);

    /// <summary>Makes the operators known to a session that is about to be made: <see cref="SessionSettings.Configure"/>.</summary>
    public static void Register(SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        bool added = false;
        options.DangerousAddRef(ref added);
        try
        {
            OrtFunctions.Instance.Check(OrtFunctions.Instance.AddCustomOpDomain(options.DangerousGetHandle(), (void*)s_domain.Value));
        }
        finally
        {
            if (added) options.DangerousRelease();
        }
    }

    // Lives as long as the process: sessions refer to it.
    private static nint CreateDomain()
    {
        void* domain;
        fixed (byte* name = "haq\0"u8) OrtFunctions.Instance.Check(OrtFunctions.Instance.CreateCustomOpDomain(name, &domain));
        for (int i = 0; i < s_operators.Length; i++)
        {
            var op = (OrtCustomOp*)NativeMemory.AllocZeroed((nuint)sizeof(OrtCustomOp));
            byte[] name = Encoding.UTF8.GetBytes(s_operators[i].Name + "\0");
            op->Name = (byte*)NativeMemory.Alloc((nuint)name.Length);
            name.CopyTo(new Span<byte>(op->Name, name.Length));
            op->Index = i;
            op->Version = OrtCustomOp.ApiVersion;
            op->GetName = &GetName;
            op->GetExecutionProviderType = &GetProvider;
            op->GetInputType = &GetInputType;
            op->GetInputTypeCount = &GetInputCount;
            op->GetOutputType = &GetOutputType;
            op->GetOutputTypeCount = &GetOutputCount;
            op->KernelDestroy = &Destroy;
            op->GetInputCharacteristic = &GetInputCharacteristic;
            op->GetOutputCharacteristic = &GetOutputCharacteristic;
            op->GetInputMemoryType = &GetMemoryType;
            op->GetVariadicInputMinArity = &One;
            op->GetVariadicInputHomogeneity = &One;
            op->GetVariadicOutputMinArity = &One;
            op->GetVariadicOutputHomogeneity = &One;
            op->CreateKernelV2 = &CreateKernel;
            op->KernelComputeV2 = &Compute;
            op->GetStartVersion = &One;
            op->GetEndVersion = &Newest;
            OrtFunctions.Instance.Check(OrtFunctions.Instance.CustomOpDomainAdd(domain, op));
        }
        return (nint)domain;
    }

    private static CustomOperator Of(OrtCustomOp* op) => s_operators[op->Index];

    [UnmanagedCallersOnly]
    private static byte* GetName(OrtCustomOp* op) => op->Name;

    [UnmanagedCallersOnly]
    private static byte* GetProvider(OrtCustomOp* op) => null;

    [UnmanagedCallersOnly]
    private static int GetInputType(OrtCustomOp* op, nuint index) => Of(op).IntegerInput == (int)index ? Int64 : Of(op).ShortInput == (int)index ? Int16 : Float;

    [UnmanagedCallersOnly]
    private static int GetOutputType(OrtCustomOp* op, nuint index) => Float;

    [UnmanagedCallersOnly]
    private static nuint GetInputCount(OrtCustomOp* op) => (nuint)Of(op).Inputs;

    [UnmanagedCallersOnly]
    private static nuint GetOutputCount(OrtCustomOp* op) => (nuint)Of(op).Outputs;

    [UnmanagedCallersOnly]
    private static int GetInputCharacteristic(OrtCustomOp* op, nuint index) =>
        Of(op).Variadic ? Variadic : Of(op).OptionalLast && (int)index == Of(op).Inputs - 1 ? Optional : Required;

    [UnmanagedCallersOnly]
    private static int GetOutputCharacteristic(OrtCustomOp* op, nuint index) => Required;

    [UnmanagedCallersOnly]
    private static int GetMemoryType(OrtCustomOp* op, nuint index) => 0;

    [UnmanagedCallersOnly]
    private static int One(OrtCustomOp* op) => 1;

    [UnmanagedCallersOnly]
    private static int Newest(OrtCustomOp* op) => int.MaxValue;

    [UnmanagedCallersOnly]
    private static void* CreateKernel(OrtCustomOp* op, void* api, void* info, void** kernel)
    {
        try
        {
            *kernel = (void*)GCHandle.ToIntPtr(GCHandle.Alloc(Of(op).Create(new KernelAttributes(info))));
            return null;
        }
        catch (Exception e)
        {
            return Status(Of(op).Name, e);
        }
    }

    [UnmanagedCallersOnly]
    private static void Destroy(void* kernel) => GCHandle.FromIntPtr((nint)kernel).Free();

    [UnmanagedCallersOnly]
    private static void* Compute(void* kernel, void* context)
    {
        var instance = (CustomKernel)GCHandle.FromIntPtr((nint)kernel).Target!;
        try
        {
            instance.Compute(new KernelContext(context));
            return null;
        }
        catch (Exception e)
        {
            return Status(instance.GetType().Name, e);
        }
    }

    private static void* Status(string what, Exception e)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes($"{what}: {e.Message}\0")) return OrtFunctions.Instance.CreateStatus(Failed, text);
    }
}
