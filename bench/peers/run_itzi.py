"""Itzi (de Almeida & Bates 2013; itzi-core, no GRASS) on one job. Run with: PYTHON run_itzi.py JOB.

Its own parameters (Courant number 0.7, θ 0.9, 5 mm before water flows as a wave, 5 s at most), its own
step, float32 as it comes.
"""

import os
from datetime import UTC, datetime, timedelta

import numpy as np
from itzi_core import (
    DomainData,
    SimulationBuilder,
    SimulationConfig,
    SurfaceFlowParameters,
    TemporalType,
)
from itzi_core.providers.memory_output import (
    MemoryMassBalanceOutputProvider,
    MemoryRasterOutputProvider,
)
from job import Job, Log, read_job, square_gauges, write_result

START = datetime(2000, 1, 1, tzinfo=UTC)


def simulation(job: Job, book: MemoryMassBalanceOutputProvider):
    """The simulation, dry, with closed walls."""
    side, rows, cols = job.squares()
    end = timedelta(seconds=job.stops[-1])
    config = SimulationConfig(
        start_time=START, end_time=START + end, record_step=end,
        temporal_type=TemporalType.RELATIVE, input_map_names={}, output_map_names={},
        surface_flow_parameters=SurfaceFlowParameters(**job.options),
    )  # fmt: skip
    domain = DomainData(
        north=rows * side, south=0.0, east=cols * side, west=0.0, rows=rows, cols=cols, crs_wkt=""
    )
    builder = SimulationBuilder(config, np.zeros((rows, cols), bool))
    builder.with_domain_data(domain).with_raster_output_provider(MemoryRasterOutputProvider())
    return builder.with_mass_balance_output_provider(book).build()


def main() -> None:
    """Run the job; itzi's first row lies in the north."""
    job, log, book = read_job(), Log(), MemoryMassBalanceOutputProvider()
    x, y = job.square_centres()
    flood = simulation(job, book)
    flood.set_array("ground_elevation", job.ground(x, y)[::-1].astype(np.float32))
    flood.set_array("friction", np.full(x.shape, job.manning, np.float32))
    flood.initialize()
    mouth = job.square_mouth()[::-1] if job.inflow else None
    gauges, rate = square_gauges(job), None
    with log.clock():
        for start, end in job.spans():
            if mouth is not None:
                inflow = mouth * (job.inflow_volume(start, end) / (end - start))
                flood.set_array("inflow", inflow.astype(np.float32))
            now = job.rain_depth(start, end) / (end - start)
            if now != rate:
                rate = now
                flood.set_array("rainfall_rate", np.full(x.shape, rate, np.float32))
            flood.update_until(timedelta(seconds=end))
            depth = flood.get_array("water_depth")[::-1]
            log.stop(gauges(depth), flood.time_steps_counters["since_start"])
    maps = {"x": x, "y": y, "depth": depth.astype(float), "area": np.full(x.shape, job.cell_area)}
    reports = book.reports
    write_result(
        job, log, "itzi-core", maps, scheme="local inertial, squares",
        threads=int(os.environ["OMP_NUM_THREADS"]), precision="float32",
        settings=SurfaceFlowParameters(**job.options).model_dump(),
        own_balance={
            "created_m3": sum(report.created_volume for report in reports),
            "relative_closure_error": max(abs(r.relative_closure_error) for r in reports),
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
